//! The whole way: places in, typed settings or one text of errors out.

use std::collections::{BTreeMap, HashMap};
use std::panic::Location;

use serde::Deserialize;

use super::*;

/// What the loader is given, as a table's row can hold it.
fn load(
    toml: &str,
    dot_env: &str,
    env: &[(&str, &str)],
    args: &[(&str, &str, &str)],
) -> Result<Config, ConfigErrors> {
    let mut loader = Loader::in_memory()
        .profile(Profile::Release)
        .text("carafe.toml", toml)
        .text(".env", dot_env);
    loader = loader.env(env.iter().copied());
    for (flag, key, text) in args {
        loader = loader.arg(flag, key, *text);
    }
    loader.load()
}

fn toml(text: &str) -> Config {
    load(text, "", &[], &[]).unwrap()
}

fn env(pairs: &[(&str, &str)]) -> Config {
    load("", "", pairs, &[]).unwrap()
}

fn check(outcome: Result<impl Sized, ConfigErrors>, wanted: &str) {
    let Err(errors) = outcome else { panic!("nothing was wrong, but this was wanted: {wanted}") };
    assert_eq!(errors.to_string(), wanted.trim_start());
}

#[test]
fn later_places_win() {
    let here = Location::caller();
    let file = "port = 3\n[profile.release]\nport = 4\n[profile.development]\nport = 99\n";
    type Step = (u16, &'static str, fn(Loader) -> Loader);
    let steps: [Step; 7] = [
        (8000, "the default", |loader| loader),
        (2, "", |loader| loader.code("port", 2, Location::caller())),
        (3, "carafe.toml line 1", |loader| loader.text("carafe.toml", "port = 3")),
        (4, "carafe.toml line 3, in [profile.release]", |loader| {
            loader.text(
                "carafe.toml",
                "port = 3\n[profile.release]\nport = 4\n[profile.development]\nport = 99\n",
            )
        }),
        (5, ".env line 1", |loader| loader.text(".env", "CARAFE_PORT=5")),
        (6, "the environment variable CARAFE_PORT", |loader| loader.env([("CARAFE_PORT", "6")])),
        (7, "--port on the command line", |loader| loader.arg("--port", "port", "7")),
    ];
    for count in 1..=steps.len() {
        let start = Loader::in_memory().profile(Profile::Release);
        let config =
            steps[..count].iter().fold(start, |loader, step| step.2(loader)).load().unwrap();
        let (port, place, _) = steps[count - 1];
        assert_eq!(config.settings().port, port);
        if place.is_empty() {
            assert!(matches!(config.source("port"), Some(Source::Code { .. })));
        } else {
            assert_eq!(config.source("port").unwrap().to_string(), place);
        }
    }
    // The order of the calls does not matter.
    let config = Loader::in_memory()
        .arg("--port", "port", "7")
        .env([("CARAFE_PORT", "6"), ("CARAFE_PROFILE", "release")])
        .text("carafe.toml", file)
        .code("port", 2, here)
        .load()
        .unwrap();
    assert_eq!(config.settings().port, 7);
}

#[test]
fn the_profile_chooses() {
    let file = "[profile.testing]\nport = 1\n[profile.release]\nport = 2\n[profile.development]\nport = 3\n";
    let check = |env: &[(&str, &str)], dot_env: &str, profile: Profile, port: u16| {
        let loader = Loader::in_memory().text("carafe.toml", file).text(".env", dot_env);
        let config = loader.env(env.iter().copied()).load().unwrap();
        assert_eq!((config.profile(), config.settings().port), (profile, port.into()));
        assert_eq!(config.settings().debug, profile == Profile::Development);
        assert_eq!(config.settings().testing, profile == Profile::Testing);
    };
    check(&[("CARAFE_PROFILE", "release")], "", Profile::Release, 2);
    check(&[], "CARAFE_PROFILE=testing", Profile::Testing, 1);
    check(&[("CARAFE_PROFILE", "development")], "CARAFE_PROFILE=testing", Profile::Development, 3);
    let config = Loader::in_memory().load().unwrap();
    assert_eq!(config.profile(), Profile::of_build());
}

#[test]
fn the_file_can_be_chosen() {
    let loader =
        || Loader::in_memory().text("carafe.toml", "port = 1").text("other.toml", "port = 2");
    assert_eq!(loader().load().unwrap().settings().port, 1);
    let config = loader().env([("CARAFE_CONFIG", "other.toml")]).load().unwrap();
    assert_eq!(config.source("port").unwrap().to_string(), "other.toml line 1");
    check(
        loader().env([("CARAFE_CONFIG", "gone.toml")]).load(),
        "
1 mistake in the configuration

1. there is no file `gone.toml` (the environment variable CARAFE_CONFIG)
   hint: make the file, or unset CARAFE_CONFIG",
    );
}

#[test]
fn files_are_read_from_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("carafe.toml"), "port = 1\nroot = 'site'").unwrap();
    std::fs::write(dir.path().join(".env"), "CARAFE_WORKERS=3\nOTHER=1\n").unwrap();
    let config = Loader::new(dir.path()).load().unwrap();
    assert_eq!((config.settings().port, config.settings().workers), (1.into(), 3));
    assert_eq!(config.source("port").unwrap().to_string(), "carafe.toml line 1");
    assert_eq!(config.root(), dir.path().join("site"));
    assert_eq!(config.file(), Some(dir.path().join("carafe.toml").as_path()));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(Loader::new(empty.path()).load().unwrap().file(), None);
    std::fs::write(empty.path().join("carafe.toml"), b"a = '\xff'").unwrap();
    check(
        Loader::new(empty.path()).load(),
        "
1 mistake in the configuration

1. cannot read carafe.toml: stream did not contain valid UTF-8",
    );
}

#[test]
fn every_default_survives_the_tree() {
    let config = Loader::in_memory().profile(Profile::Release).load().unwrap();
    assert_eq!(format!("{:?}", config.settings()), format!("{:?}", Settings::default()));
    assert!(config.entries().iter().all(|entry| entry.is_default));
}

#[test]
fn settings_from_every_kind_of_text() {
    let settings = env(&[
        ("CARAFE_TRUSTED_HOSTS", "a.example,b.example"),
        ("CARAFE_SESSION_COOKIE_SECURE", "false"),
        ("CARAFE_SESSION_COOKIE_SAMESITE", "strict"),
        ("CARAFE_MAX_CONTENT_LENGTH", "unlimited"),
        ("CARAFE_MAX_FORM_MEMORY_SIZE", "1 MiB"),
        ("CARAFE_PERMANENT_SESSION_LIFETIME", "90"),
        ("CARAFE_REQUEST_TIMEOUT", "15m"),
        ("CARAFE_SERVER_NAME", "null"),
        ("CARAFE_JSON_SORT_KEYS", "yes"),
        ("CARAFE_TEMPLATES_AUTO_RELOAD", "on"),
        ("CARAFE_SECRET_KEY", "123456789012345678901234567890123456789012345"),
        ("CARAFE_SECRET_KEY_FALLBACKS", "1,two"),
        ("CARAFE_ACCESS_LOG", "json"),
        ("CARAFE_TOOL_SOCKET", "not a key"),
        ("PATH", "not ours"),
    ])
    .settings;
    assert_eq!(settings.trusted_hosts, ["a.example", "b.example"]);
    assert_eq!(settings.session_cookie_secure, CookieSecure::Never);
    assert_eq!(settings.session_cookie_samesite, CookieSameSite::Strict);
    assert_eq!(settings.max_content_length, Limit::Unlimited);
    assert_eq!(settings.max_form_memory_size, Bytes::new(1 << 20));
    assert_eq!(settings.permanent_session_lifetime, Seconds::new(90));
    assert_eq!(settings.request_timeout, Some(Seconds::new(900)));
    assert_eq!(settings.server_name, None);
    assert!(settings.json_sort_keys && settings.reloads_templates() && settings.compacts_json());
    assert_eq!(
        settings.secret_key.unwrap().expose(),
        "123456789012345678901234567890123456789012345"
    );
    assert_eq!(settings.secret_key_fallbacks[0].expose(), "1");
    assert_eq!(settings.access_log, AccessLog::Json);
}

#[derive(Debug, Deserialize, PartialEq)]
struct Database {
    url: String,
    #[serde(default)]
    pool: Pool,
    #[serde(default)]
    labels: BTreeMap<String, u8>,
    log: Option<Log>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Pool {
    max: u8,
    min: u8,
    names: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Log {
    Off,
    File(String),
    Rolling { days: u8 },
}

#[test]
fn sections_become_types() {
    let text = "[database]\nurl = 'a'\nlog = { file = 'x.log' }\n[database.pool]\nmin = 1\nnames = ['x']\n[database.labels]\nred = 1\n";
    let config = load(text, "", &[("CARAFE_DATABASE__POOL__MAX", "5")], &[]).unwrap();
    let wanted = Database {
        url: "a".into(),
        pool: Pool { max: 5, min: 1, names: vec!["x".into()] },
        labels: BTreeMap::from([("red".into(), 1)]),
        log: Some(Log::File("x.log".into())),
    };
    assert_eq!(config.section::<Database>("database").unwrap(), wanted);
    assert_eq!(config.section::<Pool>("database.pool").unwrap().max, 5);
    assert_eq!(config.section::<Pool>("nothing.here").unwrap(), Pool::default());
    assert_eq!(config.get::<u64>("database.pool.max").unwrap(), 5);
    assert_eq!(config.get::<String>("database.pool.max").unwrap(), "5");
    assert_eq!(config.get::<(u8, char)>("x").ok(), None);
    assert_eq!(config.get::<Option<u64>>("nothing").unwrap(), None);
    assert_eq!(config.get::<HashMap<String, f32>>("database.labels").unwrap()["red"], 1.0);
    let config = env(&[("CARAFE_DATABASE", r#"{"url": "b", "log": {"rolling": {"days": 7}}}"#)]);
    let database: Database = config.section("database").unwrap();
    assert_eq!((database.url.as_str(), database.log), ("b", Some(Log::Rolling { days: 7 })));
    assert_eq!(toml("log = 'OFF'").get::<Log>("log").unwrap(), Log::Off);
}

#[test]
fn wrong_types_are_told_together() {
    check(
        load(
            "debug = 'true'\nhost = 5\nthreads = \"8\"\nsession_cookie_samesite = 'Laxx'\n[profile.development]\nport = 'x'\n",
            "\nCARAFE_MAX_HEADERS=lots\n",
            &[
                ("CARAFE_PORT", "eighty"),
                ("CARAFE_TRUSTED_HOSTS", "{}"),
                ("CARAFE_ACCESS_LOG", "verbose"),
            ],
            &[("--workers", "workers", "-1"), ("--host", "keep_alive_timeout", "soon")],
        ),
        r#"
11 mistakes in the configuration

1. `port` must be a number from 0 to 65535, a range such as `8000-8010`, or `auto`, but is `"x"` (carafe.toml line 6, in [profile.development])
   hint: the default is 8000

2. `access_log` must be `off`, `text` or `json`, but is `verbose` (the environment variable CARAFE_ACCESS_LOG)
   hint: the default is "text"

3. `debug` must be `true` or `false`, but is `"true"` (carafe.toml line 1)
   hint: write it without quotes: `debug = true`

4. `host` must be an address such as `127.0.0.1`, `localhost`, `lan`, an interface's name or `unix:PATH`, but is `5` (carafe.toml line 2)
   hint: the default is "localhost"

5. `keep_alive_timeout` must be a duration such as `90 s`, `15m` or `31 days`, or a number of seconds, but is `soon` (--host on the command line)
   hint: the default is "75 s"

6. `max_headers` must be a whole number from 0 to 65535, but is `lots` (.env line 2)
   hint: the default is 100

7. `port` must be a number from 0 to 65535, a range such as `8000-8010`, or `auto`, but is `eighty` (the environment variable CARAFE_PORT)
   hint: the default is 8000

8. `session_cookie_samesite` must be `Lax`, `Strict`, `None` or `Unset`, but is `"Laxx"` (carafe.toml line 4)
   hint: did you mean `Lax`?

9. `threads` must be a whole number from 0 to 65535, but is `"8"` (carafe.toml line 3)
   hint: write it without quotes: `threads = 8`

10. `trusted_hosts` must be a list, but is a section (the environment variable CARAFE_TRUSTED_HOSTS)
    hint: the default is []

11. `workers` must be a whole number from 0 to 65535, but is `-1` (--workers on the command line)
    hint: the default is 0"#,
    );
}

#[test]
fn mistakes_in_sections_are_told_together() {
    let config = toml(
        "[database]\nulr = 'x'\nlog = 'on'\n[database.pool]\nmax = 300\nmin = true\nsize = 1\nnames = ['a', 2, 'c', 4]\n[database.labels]\nred = 'x'\n",
    );
    check(
        config.section::<Database>("database"),
        r#"
8 mistakes in the configuration

1. `database.ulr` is not a known key (carafe.toml line 2)
   hint: did you mean `database.url`?

2. `database.labels.red` must be a whole number from 0 to 255, but is `"x"` (carafe.toml line 10)

3. `database.log` must be `off`, `file` or `rolling`, but is `"on"` (carafe.toml line 3)

4. `database.pool.size` is not a known key (carafe.toml line 7)
   hint: the keys of [database.pool] are `max`, `min`, `names`

5. `database.pool.max` must be a whole number from 0 to 255, but is `300` (carafe.toml line 5)

6. `database.pool.min` must be a whole number from 0 to 255, but is `true` (carafe.toml line 6)

7. `database.pool.names[1]` must be a string, but is `2` (carafe.toml line 8)
   hint: put it in quotes: `names[1] = "2"`

8. `database.pool.names[3]` must be a string, but is `4` (carafe.toml line 8)
   hint: put it in quotes: `names[3] = "4"`"#,
    );
}

#[test]
fn what_is_not_set() {
    check(
        toml("").section::<Database>("database"),
        "
1 mistake in the configuration

1. `database.url` is not set
   hint: add `url = ...` under [database] in carafe.toml, or set CARAFE_DATABASE__URL in the environment",
    );
    check(
        toml("").get::<String>("motto"),
        "
1 mistake in the configuration

1. `motto` is not set
   hint: add `motto = ...` in carafe.toml, or set CARAFE_MOTTO in the environment",
    );
    check(
        toml("").get::<String>("mail.password"),
        "
1 mistake in the configuration

1. `mail.password` is not set
   hint: set CARAFE_MAIL__PASSWORD in the environment or in .env",
    );
    // What is wrong is not also missing.
    check(
        toml("[database]\nurl = 5").section::<Database>("database"),
        r#"
1 mistake in the configuration

1. `database.url` must be a string, but is `5` (carafe.toml line 2)
   hint: put it in quotes: `url = "5"`"#,
    );
}

#[test]
fn values_that_cannot_work() {
    check(
        load("port = '8010-8000'\nhost = ['lan', '127.0.0.1:80']", "", &[("CARAFE_PORT", "")], &[]),
        "
2 mistakes in the configuration

1. `host[1]` is not valid: `127.0.0.1:80` names a port, for which there is the key `port` (carafe.toml line 2)

2. `port` must be a number from 0 to 65535, a range such as `8000-8010`, or `auto`, but is empty (the environment variable CARAFE_PORT)
   hint: the default is 8000",
    );
    check(
        load(
            "application_root = 'app'\nthreads = 0\nmax_content_length = 0\nsession_cookie_name = 'a b'",
            "",
            &[("CARAFE_PREFERRED_URL_SCHEME", "ftp")],
            &[],
        ),
        "
1 mistake in the configuration

1. `max_content_length` must be a size such as `16 MiB` or `500 kB`, or a number of bytes, or `unlimited`, but is `0` (carafe.toml line 3)
   hint: the default is \"16 MiB\"",
    );
    check(
        load("port = '8010-8000'\nhost = ['lan', '127.0.0.1:80']", "", &[("CARAFE_PORT", "")], &[]),
        "
2 mistakes in the configuration

1. `host[1]` is not valid: `127.0.0.1:80` names a port, for which there is the key `port` (carafe.toml line 2)

2. `port` must be a number from 0 to 65535, a range such as `8000-8010`, or `auto`, but is empty (the environment variable CARAFE_PORT)
   hint: the default is 8000",
    );
    check(
        load(
            "application_root = 'app'\nthreads = 0\nmax_header_size = '8191'\nsession_cookie_name = 'a b'\nsession_cookie_samesite = 'None'\nsession_cookie_secure = false\nheader_read_timeout = 0\nserver_name = 'http://a'\n",
            "",
            &[("CARAFE_PREFERRED_URL_SCHEME", "ftp")],
            &[],
        ),
        r#"
8 mistakes in the configuration

1. `max_header_size` must be at least 8 KiB, but is `"8191"` (carafe.toml line 3)
   hint: the default is "64 KiB"

2. `threads` must be at least 1, but is `0` (carafe.toml line 2)
   hint: the default is 32

3. `header_read_timeout` must be more than 0, but is `0` (carafe.toml line 7)
   hint: the default is "30 s"

4. `application_root` must begin with `/`, but is `"app"` (carafe.toml line 1)
   hint: the default is "/"

5. `preferred_url_scheme` must be `http` or `https`, but is `ftp` (the environment variable CARAFE_PREFERRED_URL_SCHEME)
   hint: the default is "http"

6. `server_name` must be a host such as `example.com` or `example.com:8080`, but is `"http://a"` (carafe.toml line 8)

7. `session_cookie_name` must be letters, digits and ``!#$%&'*+-.^_`|~``, but is `"a b"` (carafe.toml line 4)
   hint: the default is "session"

8. `session_cookie_secure` must be `true` or `"auto"` for a cookie that is partitioned or whose samesite is `None`, but is `false` (carafe.toml line 6)
   hint: the default is "auto""#,
    );
}

#[test]
fn keys_that_nobody_reads() {
    let text = "prot = 1\nmotto = 'x'\n[databse]\nurl = 'x'\n[mail.smtp]\nx = 1\n[mail.smpt]\n[profile.testing]\nhots = 'x'\n[database]\nany = 1\n";
    let variables = [
        ("CARAFE_DATABASE_URL", "x"),
        ("CARAFE_WORKER", "x"),
        ("CARAFE__X", "x"),
        ("CARAFE_ZZZZZZ", "x"),
    ];
    let loader = Loader::in_memory().profile(Profile::Release).text("carafe.toml", text);
    check(
        loader.env(variables).known(["database", "mail.smtp"]).load(),
        "
9 mistakes in the configuration

1. the environment variable CARAFE__X does not name a key
   hint: two underscores nest, as in CARAFE_DATABASE__POOL__MAX

2. `database_url` is not a known key (the environment variable CARAFE_DATABASE_URL)
   hint: two underscores nest: CARAFE_DATABASE__URL

3. [databse] is not a known section (carafe.toml line 3)
   hint: did you mean `database`?

4. [mail.smpt] is not a known section (carafe.toml line 7)
   hint: did you mean `mail.smtp`?

5. `motto` is not a known key (carafe.toml line 2)
   hint: nothing in this app reads it; take it out

6. `prot` is not a known key (carafe.toml line 1)
   hint: did you mean `port`?

7. `worker` is not a known key (the environment variable CARAFE_WORKER)
   hint: did you mean CARAFE_WORKERS?

8. `zzzzzz` is not a known key (the environment variable CARAFE_ZZZZZZ)
   hint: nothing in this app reads it; take it out

9. `hots` is not a known key (carafe.toml line 9, in [profile.testing])
   hint: did you mean `host`?",
    );
    let config = toml("motto = 'x'");
    assert!(config.check_unknown(&["motto"]).is_ok());
    assert_eq!(config.check_unknown(&[]).unwrap_err().len(), 1);
}

#[test]
fn a_wrong_profile_is_told() {
    check(
        Loader::in_memory().env([("CARAFE_PROFILE", "relase")]).load(),
        "
1 mistake in the configuration

1. the profile must be `development`, `release` or `testing`, but is `relase` (the environment variable CARAFE_PROFILE)
   hint: did you mean `release`?",
    );
}

#[test]
fn code_that_cannot_be_a_value() {
    let here = Location::caller();
    let odd = HashMap::from([((1, 2), 3)]);
    let errors = Loader::in_memory().code("odd", odd, here).load().unwrap_err();
    let line = here.line();
    let wanted = format!(
        "`odd` cannot be a value of the configuration: key must be a string ({}:{line})",
        file!()
    );
    assert_eq!(errors.iter().next().unwrap().message(), wanted);
}

#[test]
fn secrets_stay_hidden() {
    let config = load(
        "secret_key = 'hush1'\nsecret_key_fallbacks = ['hush2']\n[mail]\npassword = 'hush3'\n[database]\nurl = 'pg://a:hush4@db/x'\n",
        "CARAFE_SENTRY__DSN=hush5\n",
        &[("CARAFE_API_TOKEN", "hush6")],
        &[],
    )
    .unwrap();
    let shown = format!("{config:?} {:?} {:?}", config.settings(), config.entries());
    assert!(!shown.contains("hush"), "{shown}");
    let value =
        |key: &str| config.entries().into_iter().find(|entry| entry.key == key).unwrap().value;
    assert_eq!(value("secret_key"), "(hidden)");
    assert_eq!(value("secret_key_fallbacks"), "(hidden)");
    assert_eq!(value("mail.password"), "(hidden)");
    assert_eq!(value("database.url"), "\"pg://a:(hidden)@db/x\"");
    assert_eq!(value("sentry.dsn"), "(hidden)");
    assert_eq!(value("api_token"), "(hidden)");
    assert_eq!(value("port"), "8000");
    assert_eq!(value("permanent_session_lifetime"), "\"31 days\"");
    assert_eq!(value("server_name"), "(not set)");
    check(
        config.get::<u8>("mail.password"),
        "
1 mistake in the configuration

1. `mail.password` must be a whole number from 0 to 255, but is (hidden) (carafe.toml line 4)",
    );
    check(
        load("secret_key = ''", "CARAFE_X='hush", &[], &[]),
        "
2 mistakes in the configuration

1. .env line 1 is not `NAME=value`
   hint: put a value that holds spaces or quotes into single quotes

2. `secret_key` must be a string that is not empty, but is empty (carafe.toml line 1)",
    );
}

#[test]
fn entries_say_where() {
    let config =
        load("[b]\nx = 1", "", &[("CARAFE_A", "[1, 'x']"), ("CARAFE_C", "[1,2]")], &[]).unwrap();
    let all = config.entries();
    let set: Vec<_> = all
        .iter()
        .filter(|entry| !entry.is_default)
        .map(|entry| format!("{} = {} ({})", entry.key, entry.value, entry.source))
        .collect();
    assert_eq!(
        set,
        [
            r#"a = "[1, 'x']" (the environment variable CARAFE_A)"#,
            "b.x = 1 (carafe.toml line 2)",
            "c = [1, 2] (the environment variable CARAFE_C)",
        ]
    );
    assert!(all.is_sorted_by_key(|entry| entry.key.clone()));
}
