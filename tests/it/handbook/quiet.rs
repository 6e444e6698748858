//! Pages that one daemon can live through, one after the other.

use super::machine::Machine;
use super::{Story, TOLD_ELSEWHERE, house, mail, page, pages};
use crate::import::dumps;

/// What has to be said of such pages.
fn stories() -> Vec<Story> {
    vec![
        booking(),
        monitor(),
        drive(),
        events(),
        leave(),
        moving_in(),
        nextcloud(),
        bans(),
        wispro(),
        demo(),
    ]
}

fn booking() -> Story {
    let spare = r#"ask /resources -d "{\"tenant_id\": \"$(cat "$MACHINE/names/TENANT_ID")\", \"name\": \"Quadra\"}"
        keep RESOURCE_ID "$(member id)""#;
    Story::of("docs/handbook/booking.md")
        .after(
            "Rules, and who inherits them",
            "api http",
            "said '\"booking_interval\":60'; said '\"buffer_minutes\":0'",
        )
        .after("Deleting", "# 204", spare)
        .after(
            "To book",
            "-X POST http://127.0.0.1:8000/bookings -d",
            r#"keep BOOKING_ID "$(member id)""#,
        )
        .before("Waiting for a place", "-X POST", "book 11 12")
        .after("Waiting for a place", "-X POST", r#"keep ENTRY_ID "$(member id)""#)
        .after("To book", "/cancel", "said cancelado")
}

fn drive() -> Story {
    let ready = "ready() { zelador folders show \"$(cat \"$MACHINE/names/USER_ID\")\" | grep -q ready; }; soon ready";
    Story::of("docs/handbook/drive.md")
        .after("Begin", "create", ready)
        .after("Begin", "recreate", ready)
}

fn events() -> Story {
    Story::of("docs/handbook/events.md").before("Share the work", "/read", "book 10 11").after(
        "Share the work",
        "/read",
        r#"keep "4712, 4713" "$(member seq)""#,
    )
}

fn leave() -> Story {
    Story::of("docs/handbook/leave.md")
        .after("Plan a leave", "-X POST", r#"keep LEAVE_ID "$(member id)""#)
        .after("See it, call it off", "status?at", "said ACTIVE")
}

/// The dumps have rows that are wrong, and the exit code says so.
fn moving_in() -> Story {
    Story::of("docs/handbook/moving-in.md")
        .before("From Laravel", "import laravel", "ends_with 1")
        .before("From the FastAPI services", "import fastapi", "for one in user resource booking; do pg_dump --no-owner ${one}db >/root/${one}s.sql; done; ends_with 1")
}

fn monitor() -> Story {
    Story::of("docs/handbook/monitor.md")
        .before("The monitor", "monitor", "UNTIL=user-status-queue")
        .after("The monitor", "monitor", "said user-status-queue; UNTIL=''")
}

fn nextcloud() -> Story {
    Story::of("docs/handbook/nextcloud.md").before(
        "Begin",
        "instances add nc-1",
        "install -m 600 /dev/stdin /root/nc-1.password <<<secret
        install -m 600 -o zelador /dev/stdin /etc/zelador/nc-2 <<<key",
    )
}

fn bans() -> Story {
    let banned = r#"ask "/users/$(cat "$MACHINE/names/USER_ID")/status" -X PUT -d '{"status": "ACTIVE", "reason": "Revisado"}'
        ask /api/admin/scheduled-bans -d "{\"user_id\": \"$(cat "$MACHINE/names/USER_ID")\", \"reason\": \"Fraude\", \"date\": \"$(date -u -d '+1 second' +%FT%T.%3NZ)\"}"
        executed() { grep -q 'ban executed' "$MACHINE/daemon.log"; }; soon executed"#;
    Story::of("docs/handbook/scheduled-bans.md")
        .before("Did it happen?", "journalctl", banned)
        .after("Did it happen?", "api", "said BANNED")
}

fn wispro() -> Story {
    let run = r#"zelador wispro runs --json >/dev/null; keep JOB_ID "$(member job_id)""#;
    Story::of("docs/handbook/wispro.md").after("Begin", "wispro runs", run)
}

fn demo() -> Story {
    Story::of("docs/handbook/demo.md").elsewhere("The demo", "zelador demo", "tests/it/demo.rs")
}

/// What the old systems' programs dump.
fn dumps(machine: &Machine) {
    let empty = || "-- PostgreSQL database dump\n".to_owned();
    let all = [
        ("DATABASE", dumps::laravel()),
        ("tenantdb", dumps::services()),
        ("userdb", empty()),
        ("resourcedb", empty()),
        ("bookingdb", dumps::bookings()),
    ];
    for (database, dump) in all {
        std::fs::write(machine.path("dumps").join(database), dump).unwrap();
    }
}

/// The configuration that the pages take for granted.
async fn configuration() -> String {
    let schedules = page::block("docs/handbook/configure.md", "Schedules", "toml");
    let mail = format!(
        "[notifications.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Sol <avisos@sol.example>\"\n",
        mail::listen().await
    );
    let store = "[store]\ndata_dir = \"/var/lib/zelador\"\n";
    schedules + &mail + store
}

/// Pages that have a machine of their own.
const ALONE: [&str; 6] = [
    "docs/handbook/audit-agenda-and-privacy.md",
    "docs/handbook/backup-and-recover.md",
    "docs/handbook/configure.md",
    "docs/handbook/install.md",
    "docs/handbook/when-it-goes-wrong.md",
    "systemd/README.md",
];

#[tokio::test]
async fn every_command_of_the_quiet_pages_does_what_it_says() {
    let Some(machine) = Machine::new(true).await else { return };
    machine.configure(&configuration().await);
    dumps(&machine);
    machine.name("NAME", "try-the-queue");
    machine.shell("systemctl start zelador").await.unwrap();
    let (mut wrong, mut stories) = (Vec::new(), stories());
    for (number, page) in pages().into_iter().enumerate() {
        let told = TOLD_ELSEWHERE.iter().any(|(told, _)| *told == page);
        if told || ALONE.contains(&page.as_str()) {
            continue;
        }
        let at = stories.iter().position(|story| story.page == page);
        let story = at.map_or_else(|| Story::of(page.clone().leak()), |at| stories.remove(at));
        house::furnish(&machine, number).await;
        let began = tokio::time::Instant::now();
        wrong.extend(story.run(&machine).await.err());
        println!("{page}: {:?}", began.elapsed());
    }
    assert!(stories.is_empty(), "stories of no page: {stories:?}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}
