//! The files that a release build carries: what stands in the named folders, in a fixed order.

use std::fs;
use std::io;
use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{LitStr, Token};

use crate::app_main::{at_attribute, root};

/// Expands a list of folders to `&[("templates/index.html", include_bytes!(..)), ..]`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let folders = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(input);
    let found = folders.and_then(|folders| {
        let names: Vec<String> = folders.iter().map(LitStr::value).collect();
        list(&root(), &names).map_err(|error| at_attribute(&error.to_string()))
    });
    match found {
        Ok(files) => {
            let entries = files
                .iter()
                .map(|(name, path)| quote!((#name, ::core::include_bytes!(#path).as_slice())));
            quote!(&[#(#entries),*])
        }
        Err(error) => {
            let error = error.to_compile_error();
            quote!({ #error &[] })
        }
    }
}

/// The files below `folders`: their paths from the root with slashes, and their absolute paths.
fn list(root: &Path, folders: &[String]) -> io::Result<Vec<(String, String)>> {
    let root = fs::canonicalize(root)?;
    let mut files = Vec::new();
    for folder in folders {
        let path = root.join(folder);
        if path.is_dir() {
            walk(&root, &path, folder, &mut files)?;
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Adds what is in one folder. A hidden file is not for visitors, and a link that leaves the crate
/// is not the crate's to carry.
fn walk(
    root: &Path,
    folder: &Path,
    name: &str,
    files: &mut Vec<(String, String)>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let Ok(own) = entry.file_name().into_string() else {
            return Err(unreadable(&path));
        };
        if own.starts_with('.') || !fs::canonicalize(&path)?.starts_with(root) {
            continue;
        }
        let name = format!("{name}/{own}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(root, &path, &name, files)?;
        } else if path.is_file() {
            let path = path.to_str().ok_or_else(|| unreadable(&path))?.to_owned();
            files.push((name, path));
        }
    }
    Ok(())
}

fn unreadable(path: &Path) -> io::Error {
    io::Error::other(format!("the file name `{}` is not UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_order_and_keeps_inside() {
        let root = std::env::temp_dir().join(format!("carafe-embed-{}", std::process::id()));
        let write = |path: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        };
        for path in
            ["templates/b.html", "templates/a/c.html", "static/.hidden", "static/x.css", "other/y"]
        {
            write(path);
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", root.join("static/outside")).unwrap();
        let folders = ["templates", "static", "templates", "missing"].map(str::to_owned);
        let names: Vec<String> =
            list(&root, &folders).unwrap().into_iter().map(|(name, _)| name).collect();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(names, ["static/x.css", "templates/a/c.html", "templates/b.html"]);
    }
}
