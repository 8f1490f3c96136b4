//! A realistic set of rules: resources with the usual pages each, in Carafe's words and in those of
//! matchit and axum.

/// What a resource has: ten rules, three of them without a placeholder.
const PATTERNS: [(&str, &str); 10] = [
    ("", ""),
    ("/new", "/new"),
    ("/search", "/search"),
    ("/<int:id>", "/{id}"),
    ("/<int:id>/edit", "/{id}/edit"),
    ("/<int:id>/comments", "/{id}/comments"),
    ("/<int:id>/comments/<int:comment>", "/{id}/comments/{comment}"),
    (
        "/<int:id>/comments/<int:comment>/reactions/<uuid:reaction>",
        "/{id}/comments/{comment}/reactions/{reaction}",
    ),
    ("/by-tag/<tag>", "/by-tag/{tag}"),
    ("/files/<path:file>", "/files/{*file}"),
];

const NAMES: [&str; 10] = [
    "projects", "users", "teams", "invoices", "articles", "orders", "events", "photos", "books",
    "messages",
];

/// One rule in both forms.
pub struct RestRule {
    /// Such as `/users/<int:id>`.
    pub carafe: String,
    /// Such as `/users/{id}`.
    pub matchit: String,
}

/// The name of a resource, which its paths begin with.
pub struct Resource(usize);

impl Resource {
    /// The one in the middle of so many rules.
    pub fn in_middle_of(rules: usize) -> Resource {
        Resource(rules / PATTERNS.len() / 2)
    }

    /// Its name, such as `users` or `users-12`.
    pub fn name(&self) -> String {
        let name = NAMES[self.0 % NAMES.len()];
        match self.0 / NAMES.len() {
            0 => name.to_owned(),
            more => format!("{name}-{more}"),
        }
    }
}

/// So many rules.
pub fn rest(count: usize) -> Vec<RestRule> {
    let rules = (0..).flat_map(|number| {
        let name = Resource(number).name();
        PATTERNS.map(|(carafe, matchit)| RestRule {
            carafe: format!("/{name}{carafe}"),
            matchit: format!("/{name}{matchit}"),
        })
    });
    rules.take(count).collect()
}
