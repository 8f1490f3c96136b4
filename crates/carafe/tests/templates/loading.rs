//! Where templates come from, and when a change shows.

use std::fs;

use carafe::__private::Package;
use carafe::templates::Context;
use carafe::{App, Blueprint};

use super::{Folder, render};

fn reloading(folder: &Folder) -> App {
    folder.app().config("templates_auto_reload", true)
}

#[test]
fn a_saved_template_shows_at_once() {
    let folder = Folder::new(&[
        ("a.txt", "1"),
        ("base.txt", "<{% block b %}{% endblock %}>"),
        ("part.txt", "p"),
    ]);
    folder.write(
        "templates/child.txt",
        "{% extends 'base.txt' %}{% block b %}{% include 'part.txt' %}{% endblock %}",
    );
    let context = reloading(&folder).test_request("/");
    let check = |name, wanted: &str| {
        let printed = render(&context, name, Context::new());
        assert!(printed.starts_with(wanted), "{name}: {printed}, not {wanted}");
    };
    check("a.txt", "1");
    for text in ["2", "3", "44", "5"] {
        // Within the same tick of the file system's clock, too.
        folder.write("templates/a.txt", text);
        check("a.txt", text);
    }
    check("child.txt", "<p>");
    folder.write("templates/part.txt", "q");
    check("child.txt", "<q>");
    folder.write("templates/base.txt", "[{% block b %}{% endblock %}]");
    check("child.txt", "[q]");
    fs::remove_file(folder.path().join("templates/a.txt")).unwrap();
    check("a.txt", "error: there is no template `a.txt`");
    folder.write("templates/a.txt", "back");
    check("a.txt", "back");
    check("new.txt", "error: there is no template `new.txt`");
    folder.write("templates/new.txt", "new");
    check("new.txt", "new");
    folder.write("templates/a.txt", "{% if %}");
    check("a.txt", "error: template `a.txt`, line 1");
    folder.write("templates/a.txt", "fixed");
    check("a.txt", "fixed");
}

#[test]
fn without_reloading_nothing_is_read_twice() {
    let folder = Folder::new(&[("a.txt", "1")]);
    let context = folder.app().config("templates_auto_reload", false).test_request("/");
    assert_eq!(render(&context, "a.txt", Context::new()), "1");
    folder.write("templates/a.txt", "2");
    assert_eq!(render(&context, "a.txt", Context::new()), "1");
}

#[test]
fn the_apps_templates_win_then_those_of_earlier_blueprints() {
    let folder = Folder::new(&[("app.txt", "app")]);
    folder.write("one/both.txt", "one");
    folder.write("one/app.txt", "one");
    folder.write("two/both.txt", "two");
    folder.write("two/two.txt", "two");
    let app = reloading(&folder)
        .blueprint(Blueprint::new("one").template_folder("one"))
        .blueprint(Blueprint::new("two").template_folder("two"));
    let context = app.test_request("/");
    let check = |name, wanted| assert_eq!(render(&context, name, Context::new()), wanted);
    check("app.txt", "app");
    check("both.txt", "one");
    check("two.txt", "two");
    // One that is put before another is seen, and one that is taken away lets the other show.
    folder.write("templates/two.txt", "mine");
    check("two.txt", "mine");
    fs::remove_file(folder.path().join("templates/two.txt")).unwrap();
    check("two.txt", "two");
}

#[test]
fn templates_in_the_program_are_used_without_a_disk() {
    static FILES: &[(&str, &[u8])] = &[
        ("templates/a.html", b"{% include 'b.html' %}{{ x }}"),
        ("templates/b.html", b"B"),
        ("templates/broken.html", b"{% if %}"),
        ("admin/templates/b.html", b"admin"),
        ("admin/templates/c.html", b"C"),
    ];
    let folder = Folder::new(&[("disk.html", "disk"), ("a.html", "not this")]);
    let package = Package { name: "app", version: "1", folder: None, files: FILES };
    let app = folder
        .app()
        .package(package)
        .blueprint(Blueprint::new("admin").template_folder("admin/templates"));
    let context = app.test_request("/");
    for _ in 0..3 {
        let check = |name, wanted: &str| {
            let printed = render(&context, name, Context::new().with("x", "<"));
            assert!(printed.starts_with(wanted), "{printed}");
        };
        check("a.html", "B&lt;");
        check("c.html", "C");
        check("disk.html", "disk");
        check("broken.html", "error: template `broken.html`, line 1");
    }
}

#[test]
fn names_do_not_lead_out_of_the_folder() {
    let folder = Folder::new(&[("a.txt", "a")]);
    folder.write("secret.txt", "secret");
    let context = reloading(&folder).test_request("/");
    for name in
        ["../secret.txt", "./a.txt", "/secret.txt", "x/../../secret.txt", "..\\secret.txt", ""]
    {
        let printed = render(&context, name, Context::new());
        assert!(printed.starts_with("error: there is no template"), "{name}: {printed}");
    }
}

#[test]
fn a_file_that_is_not_text_says_so() {
    let folder = Folder::new(&[]);
    fs::write(folder.path().join("templates/a.html"), b"ab\xff").unwrap();
    let context = reloading(&folder).test_request("/");
    let printed = render(&context, "a.html", Context::new());
    assert!(printed.ends_with("templates/a.html` is not UTF-8: byte 2 is wrong"), "{printed}");
}

#[test]
fn folders_that_are_named_must_exist() {
    let folder = Folder::new(&[]);
    let check = |app: App, words: &str| {
        let error = app.try_test_client().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(words), "{error}");
    };
    check(
        folder.app().blueprint(Blueprint::new("b").template_folder("nope")),
        "nope` does not exist",
    );
    check(folder.app().blueprint(Blueprint::new("b").template_folder("nope")), "loading.rs:");
    check(
        folder.app().config("template_folder", "gone"),
        "gone` of the config key `template_folder`",
    );
    check(
        folder.app().templates(|templates| {
            templates.template_folder("other");
        }),
        "other` does not exist",
    );
    fs::remove_dir(folder.path().join("templates")).unwrap();
    assert!(folder.app().try_test_client().is_ok());
    folder.write("pages/a.txt", "A");
    let app = folder.app().templates(|templates| {
        templates.template_folder("pages");
    });
    assert_eq!(render(&app.test_request("/"), "a.txt", Context::new()), "A");
}
