//! Production names everything that it refuses at once.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Bench;

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn refused(text: &str, keys: &[&str]) {
    let bench = Bench::new(&format!("environment = \"production\"\n{text}"));
    let refused = bench.load().unwrap_err();
    let keyed = refused.problems.iter().filter(|problem| !problem.key.is_empty());
    let found: Vec<_> = keyed.map(|problem| problem.key.join(".")).collect();
    assert_eq!(found, keys, "{refused}");
}

#[test]
fn everything_is_listed_at_once() {
    let bench = Bench::new(
        "environment = \"production\"\n\
         [api]\nlisten = \"0.0.0.0:8000\"\n\
         [api.cors]\nallow_credentials = true\n\
         [auth]\nsecret_key = { file = \"key\" }\n",
    );
    let key = bench.path().join("key");
    std::fs::write(&key, "changeme").unwrap();
    chmod(&key, 0o644);
    let problems = bench.problems();
    let lines: Vec<_> = problems.lines().collect();
    assert_eq!(lines.len(), 5, "{problems}");
    for (line, text) in lines.iter().zip([
        "config.toml:3:10: api.listen: refused in production: 0.0.0.0:8000 is reached from beyond",
        "config.toml:4:1: api.cors.origins: refused in production: \"*\" lets every web page call",
        "config.toml:5:21: api.cors.allow_credentials: refused in production: credentials cannot",
        "config.toml:7:14: auth.secret_key: refused in production: is the placeholder of an example",
        "everybody may read the secret file key (chmod 600 key)",
    ]) {
        assert!(line.contains(text), "{line}\n{text}");
    }
}

#[test]
fn each_rule_has_its_way_out() {
    let good = "[api.cors]\norigins = [\"https://a.example\"]\nallow_credentials = true\n";
    Bench::new(&format!("environment = \"production\"\n{good}")).config();
    refused("[api.cors]\norigins = []\n", &["api.cors.origins"]);
    refused("", &["api.cors.origins"]);
    Bench::new("environment = \"production\"\n[api.cors]\nenabled = false\n").config();
    Bench::new(
        "environment = \"production\"\n[api]\nlisten = \"0.0.0.0:1\"\nbehind_proxy = true\n\
         [api.cors]\nenabled = false\n",
    )
    .config();
    refused("[api]\nlisten = \"[::]:1\"\n[api.cors]\nenabled = false\n", &["api.listen"]);
}

#[test]
fn weak_keys_are_refused() {
    for weak in
        ["short", "your-secret-key-your-secret-key-your", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
    {
        refused(
            &format!("[api.cors]\nenabled = false\n[auth]\nsecret_key = \"{weak}\"\n"),
            &["auth.secret_key"],
        );
    }
    let key = "3f1c9a5e7b2d4860f1e2d3c4b5a69788";
    let text = format!("[api.cors]\nenabled = false\n[auth]\nsecret_key = \"{key}\"\n");
    let bench = Bench::new(&format!("environment = \"production\"\n{text}"));
    chmod(&bench.path().join("config.toml"), 0o600);
    bench.config();
    // The file that holds it is a secret file.
    chmod(&bench.path().join("config.toml"), 0o644);
    assert!(bench.problems().contains("may read the secret file config.toml"));
}

#[test]
fn the_daemons_own_secret_files_must_be_closed_too() {
    let bench = Bench::new("environment = \"production\"\n[api.cors]\nenabled = false\n");
    std::fs::create_dir(bench.path().join("data")).unwrap();
    let token = bench.path().join("data/operator.token");
    std::fs::write(&token, "x").unwrap();
    chmod(&token, 0o604);
    assert!(bench.problems().contains("data/operator.token"), "{}", bench.problems());
    chmod(&token, 0o600);
    bench.config();
}

#[test]
fn development_refuses_none_of_it() {
    Bench::new("[api]\nlisten = \"0.0.0.0:1\"\n[auth]\nsecret_key = \"x\"\n").config();
}

#[test]
fn a_refusal_in_production_says_no_secret() {
    let text = "environment = \"production\"\n[auth]\nsecret_key = \"hunter2\"\n";
    assert!(!Bench::new(text).problems().contains("hunter2"));
}

#[test]
fn made_up_people_are_refused() {
    let both =
        "[api.cors]\nenabled = false\n[wispro]\nmode = \"sandbox\"\n[drive]\nmode = \"sandbox\"\n";
    refused(both, &["wispro.mode", "drive.mode"]);
    refused(
        "[api.cors]\nenabled = false\n[wispro]\nmode = \"live\"\n[drive]\nmode = \"live\"\n",
        &["wispro.token", "wispro.tenant", "drive.credentials"],
    );
    let live = "[api.cors]\nenabled = false\n[wispro]\nmode = \"live\"\ntoken = \"t\"\ntenant = \"a.example\"\n[drive]\nmode = \"off\"\n";
    let bench = Bench::new(&format!("environment = \"production\"\n{live}"));
    chmod(&bench.path().join("config.toml"), 0o600);
    let notices = bench.load().unwrap().notices;
    assert!(notices.iter().any(|notice| notice.contains("initial_password")), "{notices:?}");
}

#[test]
fn the_token_may_be_missing_where_nobody_needs_it() {
    Bench::new("[wispro]\ntoken = { env = \"WISPRO_TOKEN\" }\n").config();
    let live = "[wispro]\nmode = \"live\"\ntenant = \"a.example\"\n";
    let env = format!("{live}token = {{ env = \"WISPRO_TOKEN\" }}\n");
    assert!(Bench::new(&env).load().is_err());
    let bench = Bench::new(&env).with([("WISPRO_TOKEN", "from the environment")]);
    let token = bench.config().wispro.token.unwrap();
    assert_eq!(token.expose(), "from the environment");
    let bench = Bench::new(live).with([("WISPRO_TOKEN", "bare")]);
    assert_eq!(bench.config().wispro.token.unwrap().expose(), "bare");
}

#[test]
fn no_field_is_read_from_a_secret() {
    let bench = Bench::new("[wispro.fields]\nname = [\"/link_mobile_login\"]\nzone = [\"zone\"]\n");
    let problems = bench.problems();
    assert!(problems.contains("a secret of the client's"), "{problems}");
    assert!(problems.contains("no JSON pointer"), "{problems}");
}
