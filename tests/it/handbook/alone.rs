//! Pages that stop the daemon, move its data or change its configuration: each has a
//! machine of its own.

use super::machine::Machine;
use super::{Story, house, page};

const STORE: &str = "[store]\ndata_dir = \"/var/lib/zelador\"\n";

/// A machine on which the daemon runs, with the records of the pages.
async fn running() -> Option<Machine> {
    let machine = Machine::new(true).await?;
    machine.configure(STORE);
    machine.shell("systemctl start zelador").await.unwrap();
    house::furnish(&machine, 1).await;
    Some(machine)
}

async fn tell(machine: &Machine, story: Story) {
    if let Err(wrong) = story.run(machine).await {
        panic!("\n{wrong}\n");
    }
}

/// The daemon runs and knows the person.
const FOUND: &str = r#"systemctl status zelador
    zelador users show "$(cat "$MACHINE/names/USER_ID")"; said 'Ana Rojas'"#;

/// Makes a scheduled backup now.
const SCHEDULED: &str = r#"there=$(ls /srv/zelador-backup)
    zelador schedules run backup
    made() { [ "$(ls /srv/zelador-backup)" != "$there" ] && ! ls /srv/zelador-backup/*.part; }
    soon made"#;

#[tokio::test]
async fn what_is_lost_is_found_again() {
    let Some(machine) = running().await else { return };
    let page = "docs/handbook/backup-and-recover.md";
    let configuration = page::block(page, "Have backups", "toml");
    machine.write("page.toml", &configuration.replace("[store]\n", STORE));
    let damage = r"find /var/lib/zelador/index -type f -exec truncate -s 100 {} +
        ! /usr/bin/zelador check-store --data-dir /var/lib/zelador";
    let newest = r#"cp "$(ls /srv/zelador-backup/* | tail -n 1)" /backups/newest.zelador
        cp /var/lib/zelador/secret.key /safe/place/"#;
    // Somebody comes after the moment that is gone back to.
    let moment = r#"sleep 0.1; keep 2026-11-22T02:55:00-03:00 "$(date -u +%FT%T.%3NZ)"; sleep 0.1
        ask /users -d "{\"tenant_id\": \"$(cat "$MACHINE/names/TENANT_ID")\", \"name\": \"Beto\"}"; late=$(member id)
        rm -r /var/lib/zelador.old"#;
    let gone = r#"ends_with 1; zelador users show "$late"; ends_with 0"#;
    let elsewhere = r"mv /var/lib/zelador /safe/place/old; install -d -m 0700 -o zelador /var/lib/zelador
        zelador restore /root/move.zelador --data-dir /var/lib/zelador; cp -p /safe/place/old/secret.key /var/lib/zelador/
        chown -R zelador: /var/lib/zelador; systemctl start zelador";
    let story = Story::of(page)
        .before("Have backups", "restart", r#"cp "$MACHINE/page.toml" /etc/zelador/config.toml"#)
        .after("Have backups", "zelador backup", "test -s /root/now.zelador")
        .after("Check", "start", FOUND)
        .before("Repair", "zelador repair", damage)
        .after("Repair", "start", FOUND)
        .before("Restore", "stop", &format!("{SCHEDULED}\n{newest}"))
        .after("Restore", "start", FOUND)
        .before("Go back to a moment", "stop", &format!("{SCHEDULED}\n{moment}"))
        .after("Go back to a moment", "start", &format!("{FOUND}\n{gone}"))
        .after("Move to another machine", "backup", &format!("{elsewhere}\n{FOUND}"))
        .after("In plain text", "export", "test -s /root/all.jsonl");
    tell(&machine, story).await;
}

#[tokio::test]
async fn what_is_known_of_a_person_is_told_and_forgotten() {
    let Some(machine) = running().await else { return };
    let erased = r"erased() { zelador jobs list --kind user.erase --limit 1 | grep succeeded; }; soon erased";
    let clean = r#"api http://127.0.0.1:8000/tenants; said 'Academia Sol'
        EXPECTED=404; api "http://127.0.0.1:8000/users/$(cat "$MACHINE/names/USER_ID")""#;
    let story = Story::of("docs/handbook/audit-agenda-and-privacy.md")
        .after("Export and erasure (LGPD)", "export", "said 'Ana Rojas'")
        .after("Export and erasure (LGPD)", "delete", erased)
        .after("What is left in files", "jobs list", "said succeeded")
        .after("What is left in files", "systemctl start", clean);
    tell(&machine, story).await;
}

#[tokio::test]
async fn what_is_configured_takes_effect() {
    let Some(machine) = running().await else { return };
    let page = "docs/handbook/configure.md";
    machine.write("page.toml", &(page::block(page, "CORS", "toml") + STORE));
    let change = r#"printf '[telemetry]\nlevel = "debug"\n' >>/etc/zelador/config.toml
        noticed() { journalctl -u zelador | grep telemetry.level; }; soon noticed"#;
    let aside =
        r#"systemctl stop zelador; cd "$MACHINE/clone"; keep 127.0.0.1:9000 "127.0.0.1:$PORT""#;
    let cors = r#"cp "$MACHINE/page.toml" /etc/zelador/config.toml; systemctl restart zelador"#;
    let story = Story::of(page)
        .before("Change something", "journalctl", change)
        .after("Change something", "journalctl", "said telemetry.level")
        .before("Environment variables", "serve", aside)
        .after("Environment variables", "serve", "cd ~")
        .before("CORS", "curl", cors)
        .after("CORS", "curl", "said 'access-control-allow-origin: https://app.example.com'");
    tell(&machine, story).await;
}

#[tokio::test]
async fn what_is_built_is_installed_upgraded_and_removed() {
    let Some(machine) = Machine::new(false).await else { return };
    let page = "docs/handbook/install.md";
    machine.write("page.toml", &page::block(page, "Install the service by hand", "toml"));
    let package = "systemd/try-package";
    let edit = r#"sed -i '/^\[api.cors\]/,/^origins/d' /etc/zelador/config.toml; cat "$MACHINE/page.toml" >>/etc/zelador/config.toml"#;
    let story = Story::of(page)
        .before("Try it", "cargo run", r#"cd "$MACHINE/clone""#)
        .after("Try it", "/status", "systemctl stop zelador")
        .elsewhere("Install the package", "cargo install", package)
        .elsewhere("Install the package", "apt install", package)
        .elsewhere("Install the package", "doctor", package)
        .before("Install the service by hand", "check-config", edit)
        .after(
            "Use the command line",
            "completions",
            "grep -q complete /usr/share/bash-completion/completions/zelador",
        )
        .after(
            "Upgrade",
            "restart",
            "systemctl status zelador; test -s /root/before-upgrade.zelador",
        )
        .after("Remove", "sudo rm", "test -e /var/lib/zelador/operator.token");
    tell(&machine, story).await;
}

#[tokio::test]
async fn the_unit_is_installed_in_five_lines() {
    let Some(machine) = Machine::new(false).await else { return };
    let story = Story::of("systemd/README.md")
        .before("Installing the service", "target/release", r#"cd "$MACHINE/clone""#)
        .after("Installing the service", "enable", "said 'zelador serves'");
    tell(&machine, story).await;
}

#[tokio::test]
async fn what_went_wrong_is_looked_at() {
    let Some(machine) = running().await else { return };
    let told = r#"ask /users -i -d "{\"tenant_id\": \"$(cat "$MACHINE/names/TENANT_ID")\", \"name\": \"Beto\"}"
        keep TRACE_OR_REQUEST_ID "$(sed -n 's/^x-request-id: *\([^[:space:]]*\).*/\1/p' "$MACHINE/said")""#;
    let old = r"token=$(cat /var/lib/zelador/operator.token)";
    let revoked = r#"EXPECTED=401; curl -H "Authorization: Bearer $token" http://127.0.0.1:8000/users >/dev/null; EXPECTED=''; ask /users"#;
    let story = Story::of("docs/handbook/when-it-goes-wrong.md")
        .before("When it goes wrong", "TRACE_OR_REQUEST_ID", told)
        .before("The token is lost, or leaked", "rm", old)
        .after("The token is lost, or leaked", "rm", revoked);
    tell(&machine, story).await;
}
