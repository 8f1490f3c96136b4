//! What the guestbook answers. The views are plain `fn`s, because they wait for the disk.

use carafe::prelude::*;
use carafe::{Config, FormData, send_from_directory};
use serde::{Deserialize, Serialize};

use crate::filters::iso;
use crate::forms::{Complaints, Draft, Limits};
use crate::pictures::{self, Choice};
use crate::random;
use crate::settings::Guestbook;
use crate::store::{Entry, NewEntry, Page, Store, Wanted};

/// The session key of what tells one guest's entries from another's: a random name.
const AUTHOR: &str = "author";

/// What may follow the `?` of the book and of its feed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Listing {
    q: String,
    before: Option<i64>,
    after: Option<i64>,
}

impl Listing {
    fn search(&self) -> Option<&str> {
        Some(self.q.trim()).filter(|words| !words.is_empty())
    }

    fn find(&self, store: &Store, settings: &Guestbook, visitor: Option<&str>) -> Result<Page> {
        let limit = settings.entries_per_page.get();
        let wanted =
            Wanted { search: self.search(), before: self.before, after: self.after, limit };
        store.page(&wanted, visitor)
    }
}

/// The book, and the form to sign it.
#[get("/")]
pub(crate) fn index(
    listing: Query<Listing>,
    session: Session,
    store: State<Store>,
    settings: Config<Guestbook>,
) -> Result<Html> {
    let page = listing.find(&store, &settings, author(&session).as_deref())?;
    book(&page, listing.search(), &Draft::default(), &Complaints::default(), &settings)
}

/// Writes into the book, or shows the form again with what was wrong beside the fields.
#[post("/")]
pub(crate) fn sign(
    form: Form<Draft>,
    files: FormData,
    session: Session,
    store: State<Store>,
    settings: Config<Guestbook>,
    request: &Request,
) -> Result<Response> {
    let draft = form.0.tidy();
    let mut complaints = draft.complaints();
    let choice = Choice::new(files.file("picture"), settings.max_picture_size)?;
    if let Choice::Refused(words) = &choice {
        complaints.picture = Some(words.clone());
    }
    if !complaints.is_empty() {
        let page = Listing::default().find(&store, &settings, author(&session).as_deref())?;
        return (book(&page, None, &draft, &complaints, &settings)?, 422).into_response(request);
    }
    let id = write(&draft, &choice, &session, &store, &settings)?;
    flash(format!("Thank you, {}. Your words are in the book.", draft.name), &session);
    // 303: the browser goes on with GET, so that reloading the page does not sign again.
    redirect(url_for!(index, _anchor = format!("entry-{id}"))).see_other().into_response(request)
}

/// Keeps the picture, then the words; a picture whose words could not be kept is removed again.
fn write(
    draft: &Draft,
    choice: &Choice,
    session: &Session,
    store: &Store,
    settings: &Guestbook,
) -> Result<i64> {
    // Whoever has this cookie may delete what was signed with it, also after a restart of the browser.
    let author = session.setdefault(AUTHOR, random::token()?)?;
    session.set_permanent(true);
    let uploads = settings.uploads()?;
    let picture = match choice {
        Choice::Picture(picture) => Some(picture.keep(&uploads)?),
        _ => None,
    };
    let entry = NewEntry {
        name: &draft.name,
        message: &draft.message,
        picture: picture.as_deref(),
        author: Some(&author),
        created_at: None,
    };
    store.add(&entry).inspect_err(|_| {
        if let Some(name) = &picture {
            let _ = pictures::remove(&uploads, name);
        }
    })
}

/// The name that this guest's entries are kept under, if they have signed before.
fn author(session: &Session) -> Option<String> {
    session.get(AUTHOR)
}

/// One entry on a page of its own.
#[get("/entries/<int:id>")]
pub(crate) fn entry(id: i64, session: Session, store: State<Store>) -> Result<Html> {
    let entry = store.entry(id, author(&session).as_deref())?.or_404()?;
    render!("entry.html", entry)
}

/// Takes one's own entry out of the book.
#[post("/entries/<int:id>/delete")]
pub(crate) fn delete(
    id: i64,
    session: Session,
    store: State<Store>,
    settings: Config<Guestbook>,
) -> Result<Redirect> {
    let author = author(&session).or_404()?;
    let entry = store.delete(id, &author)?.or_404()?;
    if let Some(picture) = entry.picture {
        pictures::remove(&settings.uploads()?, &picture)?;
    }
    flash("Your entry is gone.", &session);
    Ok(redirect(url_for!(index)).see_other())
}

/// A guest's picture. A name is never used twice, so browsers may keep it for good.
#[get("/pictures/<name>")]
pub(crate) fn picture(
    name: String,
    settings: Config<Guestbook>,
    request: &Request,
) -> Result<Response> {
    let picture = send_from_directory(request, settings.uploads()?, &name).send_blocking()?;
    Ok(picture.with_header("cache-control", "public, max-age=31536000, immutable"))
}

/// A page of the book for programs.
#[derive(Serialize)]
pub(crate) struct Feed {
    entries: Vec<FeedEntry>,
    /// The URL of the page of older entries.
    next: Option<String>,
}

#[derive(Serialize)]
struct FeedEntry {
    url: String,
    name: String,
    message: String,
    picture: Option<String>,
    created_at: String,
}

/// The book as JSON, a page at a time; it takes what the book takes.
#[get("/entries.json")]
pub(crate) fn feed(
    listing: Query<Listing>,
    store: State<Store>,
    settings: Config<Guestbook>,
) -> Result<Json<Feed>> {
    let page = listing.find(&store, &settings, None)?;
    let next = page.older.map(|before| {
        url_for!(feed, before = before, q = listing.search().map(str::to_owned), _external = true)
    });
    Ok(Json(Feed { entries: page.entries.into_iter().map(FeedEntry::from).collect(), next }))
}

impl From<Entry> for FeedEntry {
    fn from(entry: Entry) -> FeedEntry {
        FeedEntry {
            url: url_for!(self::entry, id = entry.id, _external = true),
            picture: entry.picture.map(|name| url_for!(picture, name = name, _external = true)),
            name: entry.name,
            message: entry.message,
            created_at: iso(entry.created_at),
        }
    }
}

fn book(
    page: &Page,
    q: Option<&str>,
    draft: &Draft,
    errors: &Complaints,
    settings: &Guestbook,
) -> Result<Html> {
    render!("index.html", page, q, draft, errors, limits: Limits::new(settings))
}
