//! The clients against the stand-in, over real HTTP and real SSH: what zelador
//! makes of every trap that was observed.
//!
//! What the stand-in answers is held row by row to what was observed of the real
//! server (`sandbox::nextcloud::tests`; what it leaves out is listed there). What
//! follows from each trap has its test here, or beside the rule:
//!
//! | trap | what follows | test |
//! |---|---|---|
//! | the header, the JSON, the envelope | asked for in every call; anything else is a wrong address | `a_wrong_name_or_path_is_named`, `rules::tests::ocs::what_a_creation_came_to` |
//! | version 1 hides failures; one code means many things | version 2, judged by code, endpoint and words | `…ocs::the_same_code_means_something_else_elsewhere` |
//! | 101 after a race, a lock, a listener | doubt: look, compare, repair | `racing_creations_end_in_one_account`, `a_locked_database_is_doubt_and_not_an_end` |
//! | creating is not atomic; a hang-up stops nothing | the same | `every_way_to_fail_half_way_is_repaired`, `a_creation_that_lands_late_is_no_second_account` |
//! | a bad quota or language, and the account is made | no retry; made whole | `a_value_that_the_server_takes_and_refuses_leaves_a_whole_account` |
//! | 102 in any letters | somebody's: passed over, not touched | `a_taken_id_is_said_to_be_taken_and_not_touched`, `an_account_of_somebody_else_is_passed_over` |
//! | ids are compared without regard to case | looked for so | `an_account_is_found_whatever_its_letters` |
//! | 107, in the server's language | a policy, by its code alone | `the_policy_speaks_for_itself` |
//! | 104 over HTTP, made over `occ` | the group is made first in both | `an_account_is_made_whole_in_one_go`, `…occ::what_the_other_commands_came_to` |
//! | 404, 998, 101 for nobody | nobody | `what_is_done_to_nobody_is_said` |
//! | idempotent edits, switches, deletions | done twice without harm | `edits_switches_and_deletion_can_be_done_twice` |
//! | 401 | the breaker at the first one, for good | `wrong_credentials_open_the_breaker`, `wrong_credentials_leave_the_instance_alone`, `a_refused_login_opens_the_breaker_and_the_right_one_closes_it` |
//! | 403; "Password confirmation is required" | explained | `app_passwords_that_are_refused_since_34_are_explained` |
//! | 50 edits in ten minutes | all in one call; edits are counted and waited for | `edits_beyond_the_allowance_are_throttled_and_creations_are_not`, `edits_are_scarce_and_waited_for`, `never_more_than_allowed_in_any_window` |
//! | two sorts of 429 | ten minutes or thirty | `the_two_locks_are_told_apart`, `a_locked_address_is_left_alone_for_long` |
//! | `5 GiB` is five bytes; `1,5 GB`; -1; a fraction | refused here; compared with tolerance | `what_nextcloud_would_misread_is_refused`, `five_bytes_are_not_five_gigabytes`, `what_a_server_rounded_is_the_same` |
//! | lists without a count, by offset | read to a short page; counts shown beside ours | `status_counts_and_lists`, `drift_is_shown_and_nothing_is_done_about_it` |
//! | maintenance: 503 with a header; `occ` goes on | both look at the status first, and wait | `maintenance_is_waited_for_and_nothing_is_made`, `maintenance_is_waited_for_and_a_dead_server_is_left_alone` |
//! | mail that hangs | the time limit is above it | `a_lost_answer_keeps_the_place_and_the_account_is_found` |
//! | which ids are legal; `--help`, `o'brien` | made legal; quoted, behind `--` | `ids_are_made_legal`, `whatever_is_proposed_becomes_an_id`, `every_value_is_quoted_and_the_id_stands_behind_a_dash` |
//! | a folder left behind blocks an id | said as it is | `a_folder_left_behind_is_said` |
//! | `occ` exits 0 and has done nothing | the line of success is required, whole | `the_wrong_unix_user_fools_nobody`, `only_a_whole_line_counts` |
//! | errors on standard output, symfony's boxes | both are read | `…occ::what_a_creation_came_to` |
//! | 127, a wrong path, a wrong unix user | named | `ways_to_occ_that_are_wrong_are_named` |
//! | three commands for one account | all three, and after a doubt what is missing | `an_account_is_made_whole_in_one_go`, `edits_lead_to_what_is_wanted_and_none_is_in_vain` |
//! | passwords in arguments can be seen | by standard input alone | `no_secret_is_told_anywhere`, `passwords_of_all_sorts_come_through` |
//! | sudo strips the environment | `--preserve-env`; said if it may not | `sudo_works_or_says_what_it_lacks` |
//! | one string for the login shell | every value in single quotes | `nothing_is_executed_and_nothing_is_mangled`, `a_shell_gives_back_what_was_quoted` |
//! | NUL and newline | refused | `line_breaks_are_refused`, `line_breaks_become_blanks_or_are_refused` |
//! | a connection costs 250 ms | kept, made anew | `the_connection_is_kept_and_made_anew` |
//! | hosts that changed | a hard failure before anything is said | `another_host_key_ends_it_before_anything_is_said`, `a_real_server_with_another_key_is_refused` |
//! | all of it before a real OpenSSH | the same words and lines | `a_real_server_is_spoken_to_as_the_stand_in_is` |

mod canary;
mod doubt;
mod flow;
mod injection;
mod keys;
mod kills;
mod lives;
mod openssh;
mod same;
mod storm;
mod troubles;

use std::collections::BTreeSet;

use secrecy::SecretString;
use zelador::sandbox::nextcloud::{ADMIN, Faults, OCC, Plan, SSH_USER, Sandbox};
use zelador_actors::engine::clock::{Clock, Dice};
use zelador_actors::nextcloud::http::{HttpPort, HttpTarget, Trust};
use zelador_actors::nextcloud::port::{Limits, Port};
use zelador_actors::nextcloud::rules::repair;
use zelador_actors::nextcloud::rules::{AccountId, Quota, Trouble, Wanted};
use zelador_actors::nextcloud::ssh::{HostPin, SshAuth, SshPort, SshTarget};

/// The first password of every account here.
const PASSWORD: &str = "canary first password 1";

/// A stand-in that answers at once.
async fn sandbox() -> Sandbox {
    sandbox_with(Faults::quick()).await
}

async fn sandbox_with(faults: Faults) -> Sandbox {
    let plan = Plan { faults, groups: vec!["staff".to_owned()], ..Plan::default() };
    Sandbox::start(plan, Clock::system(), Dice::seeded(11)).await.unwrap()
}

fn http_target(sandbox: &Sandbox) -> HttpTarget {
    HttpTarget {
        base_url: sandbox.url(),
        username: ADMIN.to_owned(),
        password: Plan::default().app_password.into(),
        trust: Trust::Machine,
        limits: Limits::default(),
    }
}

fn ssh_target(sandbox: &Sandbox) -> SshTarget {
    SshTarget {
        host: sandbox.ssh.ip().to_string(),
        port: sandbox.ssh.port(),
        user: SSH_USER.to_owned(),
        auth: SshAuth::Password(Plan::default().password.into()),
        host_key: HostPin::parse(&sandbox.host_key()).unwrap(),
        occ_path: OCC.to_owned(),
        php: "php".to_owned(),
        run_as: None,
        limits: Limits::default(),
    }
}

/// Both ways to one stand-in.
fn ports(sandbox: &Sandbox) -> [(&'static str, Box<dyn Port>); 2] {
    [
        ("http", Box::new(HttpPort::new(http_target(sandbox)).unwrap())),
        ("ssh", Box::new(SshPort::new(ssh_target(sandbox)).unwrap())),
    ]
}

fn id(text: &str) -> AccountId {
    AccountId::new(text).unwrap()
}

fn wanted(text: &str) -> Wanted {
    Wanted {
        id: id(text),
        display_name: Some("Ana d'Ávila".to_owned()),
        email: Some(format!("{}@example.org", text.replace(' ', "-"))),
        quota: Quota::parse("5 GB").unwrap(),
        groups: BTreeSet::from(["staff".to_owned(), "fresh".to_owned()]),
        language: Some("pt_BR".to_owned()),
        enabled: true,
        invite: false,
    }
}

fn password() -> SecretString {
    PASSWORD.into()
}

/// Creates, and after doubt looks, compares and repairs: what the job does.
async fn complete(port: &dyn Port, wanted: &Wanted) -> Result<(), Trouble> {
    match port.create(wanted, &password()).await {
        Err(trouble) if trouble.doubt => {
            let Some(seen) = port.find(&wanted.id).await? else { return Err(trouble) };
            for edit in repair::edits(wanted, &seen) {
                port.edit(&wanted.id, &edit).await?;
            }
            Ok(())
        }
        done => done,
    }
}

/// The account is what was wanted, as the port itself sees it.
async fn is_whole(port: &dyn Port, wanted: &Wanted) {
    let seen = port.find(&wanted.id).await.unwrap().unwrap();
    assert_eq!(repair::edits(wanted, &seen), [], "{seen:?}");
}
