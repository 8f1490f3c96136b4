//! The extension for VS Code, which is part of this program, as the package that editors install.
//!
//! A `.vsix` is an Open Packaging archive: the extension's files, a manifest that repeats parts of its
//! `package.json`, and a list of content types.

use serde_json::Value;

use super::zip;

/// A file of the extension, from the repository's `editors/vscode`.
macro_rules! file {
    ($name:literal) => {
        (
            concat!("extension/", $name),
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../editors/vscode/", $name)),
        )
    };
}

const PACKAGE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../editors/vscode/package.json"));

const FILES: &[(&str, &[u8])] = &[
    file!("package.json"),
    file!("extension.js"),
    file!("core.js"),
    file!("README.md"),
    file!("CHANGELOG.md"),
    file!("icon.png"),
    (
        "extension/LICENSE-MIT.txt",
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../LICENSE-MIT")),
    ),
    (
        "extension/LICENSE-APACHE.txt",
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../LICENSE-APACHE")),
    ),
];

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension=".json" ContentType="application/json"/><Default Extension=".vsixmanifest" ContentType="text/xml"/><Default Extension=".js" ContentType="application/javascript"/><Default Extension=".md" ContentType="text/markdown"/><Default Extension=".png" ContentType="image/png"/><Default Extension=".txt" ContentType="text/plain"/></Types>
"#;

/// The extension's version.
///
/// # Errors
/// Never, but where the repository's `package.json` is no JSON.
pub(super) fn version() -> Result<String, String> {
    Ok(text(&package()?, "version").to_owned())
}

/// The whole package, the same bytes each time.
///
/// # Errors
/// Never, but where the repository's `package.json` is no JSON.
pub(super) fn pack() -> Result<Vec<u8>, String> {
    let mut files = vec![
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes().to_vec()),
        ("extension.vsixmanifest", manifest(&package()?).into_bytes()),
    ];
    files.extend(FILES.iter().map(|(name, content)| (*name, content.to_vec())));
    Ok(zip::pack(&files))
}

fn package() -> Result<Value, String> {
    serde_json::from_str(PACKAGE)
        .map_err(|error| format!("the extension's `package.json` cannot be read: {error}"))
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

fn manifest(package: &Value) -> String {
    let of = |key: &str| escaped(text(package, key));
    let list = |key: &str| {
        let items = package[key].as_array().into_iter().flatten();
        escaped(&items.filter_map(Value::as_str).collect::<Vec<_>>().join(","))
    };
    let engine = escaped(package["engines"]["vscode"].as_str().unwrap_or_default());
    let source = escaped(package["repository"]["url"].as_str().unwrap_or_default());
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">
  <Metadata>
    <Identity Language="en-US" Id="{name}" Version="{version}" Publisher="{publisher}"/>
    <DisplayName>{display}</DisplayName>
    <Description xml:space="preserve">{description}</Description>
    <Tags>{tags}</Tags>
    <Categories>{categories}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="{engine}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionDependencies" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionPack" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="{kind}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExecutesCode" Value="true"/>
      <Property Id="Microsoft.VisualStudio.Services.Links.Source" Value="{source}"/>
    </Properties>
    <License>extension/LICENSE-MIT.txt</License>
    <Icon>extension/{icon}</Icon>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Changelog" Path="extension/CHANGELOG.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE-MIT.txt" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Icons.Default" Path="extension/{icon}" Addressable="true"/>
  </Assets>
</PackageManifest>
"#,
        name = of("name"),
        version = of("version"),
        publisher = of("publisher"),
        display = of("displayName"),
        description = of("description"),
        tags = list("keywords"),
        categories = list("categories"),
        kind = list("extensionKind"),
        icon = of("icon"),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::files::EXTENSION;
    use super::*;

    #[test]
    fn packs_the_same_each_time() {
        assert_eq!(pack().unwrap(), pack().unwrap());
    }

    #[test]
    fn has_the_tools_version_and_name() {
        let package = package().unwrap();
        assert_eq!(text(&package, "version"), env!("CARGO_PKG_VERSION"));
        let name = format!("{}.{}", text(&package, "publisher"), text(&package, "name"));
        assert_eq!(name, EXTENSION);
    }

    #[test]
    fn the_manifest_repeats_the_package() {
        let manifest = manifest(&package().unwrap());
        let identity = format!(
            "<Identity Language=\"en-US\" Id=\"carafe\" Version=\"{}\" Publisher=\"carafe-rs\"/>",
            version().unwrap()
        );
        assert!(manifest.contains(&identity), "{manifest}");
        for file in ["extension/README.md", "extension/icon.png", "extension/LICENSE-MIT.txt"] {
            assert!(FILES.iter().any(|(name, _)| *name == file));
            assert!(manifest.contains(file));
        }
        assert_eq!(escaped("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
    }

    #[test]
    fn everything_that_is_required_is_packed() {
        let named = |name: &str| {
            let found = FILES.iter().find(|(known, _)| *known == format!("extension/{name}"));
            String::from_utf8(found.unwrap().1.to_vec()).unwrap()
        };
        for source in [named("extension.js"), named("core.js")] {
            for required in source.split("require(\"./").skip(1) {
                named(&format!("{}.js", required.split('"').next().unwrap()));
            }
        }
        let package = package().unwrap();
        named(text(&package, "main").trim_start_matches("./"));
    }
}
