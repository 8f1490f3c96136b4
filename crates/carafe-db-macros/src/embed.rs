//! `migrations!("folder")`: the names and texts of the `.sql` files of a folder, in order.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};

/// The folder where none is named.
const FOLDER: &str = "migrations";

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let named = match input.is_empty() {
        true => None,
        false => Some(syn::parse2::<LitStr>(input)?),
    };
    let folder = named.as_ref().map_or_else(|| FOLDER.to_owned(), LitStr::value);
    let span = named.as_ref().map_or_else(Span::call_site, LitStr::span);
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let path = root.join(&folder);
    let mut files = Vec::new();
    // A folder that nobody made yet holds no migration: `db new` makes it.
    if path.is_dir() {
        list(&path, "", &mut files).map_err(|error| {
            Error::new(span, format!("cannot read the migrations in `{folder}`: {error}"))
        })?;
    }
    files.sort();
    let entries = files.iter().map(|(name, path)| quote!((#name, ::core::include_str!(#path))));
    let path = path.to_string_lossy();
    Ok(quote! {
        // The folder is read again in development, so that a new file needs no new build.
        ::carafe_db::Migrations::embedded(
            if ::core::cfg!(debug_assertions) { ::core::option::Option::Some(#path) }
            else { ::core::option::Option::None },
            #folder,
            &[#(#entries),*],
        )
    })
}

/// The `.sql` files in a folder, and in folders for one kind of database below it.
fn list(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else { continue };
        if path.is_dir() && prefix.is_empty() && matches!(name.as_str(), "sqlite" | "postgres") {
            list(&path, &format!("{name}/"), files)?;
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            files.push((format!("{prefix}{name}"), path.to_string_lossy().into_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_sql() {
        let folder = std::env::temp_dir().join(format!("carafe-db-embed-{}", std::process::id()));
        for name in ["2_b.sql", "1_a.up.sql", "notes.md", "sqlite/3_c.sql", "other/4_d.sql"] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "select 1").unwrap();
        }
        let mut files = Vec::new();
        list(&folder, "", &mut files).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        files.sort();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["1_a.up.sql", "2_b.sql", "sqlite/3_c.sql"]);
    }
}
