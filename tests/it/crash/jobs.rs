//! Jobs of all sorts: none is lost, none is begun twice, no batch is there by half.

use std::collections::{HashMap, HashSet};

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use zelador_actors::engine::Clock;

use super::call::{Caller, Keyed, Word};
use crate::harness::{Client, PATIENCE, eventually};

/// Jobs of a batch.
const BATCH: usize = 7;

/// What a job comes to.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// It is done, after at least so many tries.
    Succeeds { tries: u64 },
    /// Its time is far.
    Waits,
    /// It was called off.
    Cancelled,
    /// Calling it off was cut off.
    WaitsOrCancelled,
}

/// A job that was acknowledged.
#[derive(Clone)]
struct Promise {
    id: String,
    end: End,
}

/// The jobs of one caller.
pub(super) struct Jobs {
    number: u64,
    made: u64,
    promises: Vec<Promise>,
    /// Those before this one were looked at since the last kill.
    looked_at: usize,
    doubts: Vec<Keyed>,
}

impl Jobs {
    pub(super) fn new(number: u64) -> Self {
        Self { number, made: 0, promises: Vec::new(), looked_at: 0, doubts: Vec::new() }
    }

    /// One write; whether it was answered.
    pub(super) async fn act(&mut self, caller: &Caller, rng: &mut StdRng) -> bool {
        self.made += 1;
        match rng.random_range(0..20) {
            0..8 => self.plain(caller, json!({}), 1).await,
            8..10 => self.plain(caller, json!({"fail_times": 1}), 2).await,
            10..12 => {
                let sleep_ms: u32 = rng.random_range(20..250);
                self.plain(caller, json!({"sleep_ms": sleep_ms}), 1).await
            }
            12..15 => self.soon(caller, rng.random_range(100..2500)).await,
            15..17 => self.keyed(caller, rng.random_bool(0.5)).await,
            17 => self.called_off(caller).await,
            18 => self.batch(caller).await,
            _ => self.unique(caller).await,
        }
    }

    fn promise(&mut self, id: &Value, end: End) {
        let id = id.as_str().unwrap().to_owned();
        self.promises.push(Promise { id, end });
    }

    async fn make(&mut self, caller: &Caller, job: Value, end: End) -> bool {
        match caller.post("/jobs", &job).await {
            Word::Done(answer) => {
                self.promise(&answer.is(201)["id"], end);
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => false,
        }
    }

    async fn plain(&mut self, caller: &Caller, args: Value, tries: u64) -> bool {
        let job = json!({"kind": "diagnostic", "queue": "default", "args": args});
        self.make(caller, job, End::Succeeds { tries }).await
    }

    async fn soon(&mut self, caller: &Caller, in_ms: u64) -> bool {
        let at = Clock::system().now() + std::time::Duration::from_millis(in_ms);
        let job = json!({"kind": "diagnostic", "queue": "default", "run_at": at.to_string()});
        self.make(caller, job, End::Succeeds { tries: 1 }).await
    }

    /// A job of a time that no other has, so that a double would be seen.
    fn distant(&self) -> Value {
        let (day, second) = (self.number + 1, self.made);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let run_at = format!("2100-01-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        json!({"kind": "diagnostic", "run_at": run_at})
    }

    async fn keyed(&mut self, caller: &Caller, twice: bool) -> bool {
        let key = format!("job-{}-{}", self.number, self.made);
        let keyed = Keyed { path: "/jobs", body: self.distant(), key };
        let Some(id) = keyed.ask(caller).await else {
            self.doubts.push(keyed);
            return false;
        };
        if twice {
            keyed.again(caller, &id).await;
        }
        self.promises.push(Promise { id, end: End::Waits });
        true
    }

    async fn called_off(&mut self, caller: &Caller) -> bool {
        if !self.make(caller, self.distant(), End::WaitsOrCancelled).await {
            return false;
        }
        let promise = self.promises.last_mut().unwrap();
        match caller.post(&format!("/jobs/{}/cancel", promise.id), &json!({})).await {
            Word::Done(_) => promise.end = End::Cancelled,
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => return false,
        }
        true
    }

    async fn batch(&mut self, caller: &Caller) -> bool {
        let job = json!({"kind": "diagnostic", "queue": "default"});
        match caller.post("/jobs/batch", &json!(vec![job; BATCH])).await {
            Word::Done(answer) => {
                let ids = answer.is(201)["ids"].as_array().unwrap().clone();
                assert_eq!(ids.len(), BATCH);
                for id in &ids {
                    self.promise(id, End::Succeeds { tries: 1 });
                }
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => false,
        }
    }

    /// The second of two equal jobs is the first.
    async fn unique(&mut self, caller: &Caller) -> bool {
        let mut job = self.distant();
        job["unique_key"] = json!(format!("once-{}-{}", self.number, self.made));
        let Word::Done(first) = caller.post("/jobs", &job).await else { return false };
        self.promise(&first.json()["id"], End::Waits);
        match caller.post("/jobs", &job).await {
            Word::Done(second) => assert_eq!(first.json()["id"], second.json()["id"]),
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => return false,
        }
        true
    }

    /// After a restart: what was acknowledged since the last one is there.
    pub(super) async fn settle(&mut self, caller: &Caller) {
        for keyed in std::mem::take(&mut self.doubts) {
            let id = keyed.ask(caller).await.expect("nobody is killed now");
            keyed.again(caller, &id).await;
            self.promises.push(Promise { id, end: End::Waits });
        }
        for promise in &mut self.promises[self.looked_at..] {
            let job = caller.client.get(&format!("/jobs/{}", promise.id)).await.is(200);
            sound(&job);
            promise.settle(&job);
        }
        self.looked_at = self.promises.len();
    }

    /// In the end: every job has come to its end.
    pub(super) fn compare_with(&self, all: &All) {
        for promise in &self.promises {
            let job = all.get(&promise.id).unwrap_or_else(|| panic!("{} is lost", promise.id));
            assert!(promise.is_kept(job), "{job}");
        }
    }
}

impl Promise {
    /// What may have become of it so far; a doubt is settled.
    fn settle(&mut self, job: &Value) {
        let state = job["state"].as_str().unwrap();
        if self.end == End::WaitsOrCancelled {
            self.end = if state == "cancelled" { End::Cancelled } else { End::Waits };
        }
        let possible: &[&str] = match self.end {
            End::Succeeds { .. } => &["scheduled", "ready", "running", "succeeded"],
            End::Waits | End::WaitsOrCancelled => &["scheduled"],
            End::Cancelled => &["cancelled"],
        };
        assert!(possible.contains(&state), "{job}");
    }

    fn is_kept(&self, job: &Value) -> bool {
        match self.end {
            End::Succeeds { tries } => {
                job["state"] == "succeeded" && job["tries"].as_u64().unwrap() >= tries
            }
            End::Waits | End::WaitsOrCancelled => job["state"] == "scheduled",
            End::Cancelled => job["state"] == "cancelled",
        }
    }
}

/// Whether the history of a job is one that can be: each try once, one after the
/// other, and no success before the end.
#[track_caller]
fn sound(job: &Value) {
    let history = job["history"].as_array().unwrap();
    let running = u64::from(job["state"] == "running");
    let tries = job["tries"].as_u64().unwrap();
    assert_eq!(tries, history.len() as u64 + running, "{job}");
    for (attempt, number) in history.iter().zip(1..) {
        assert_eq!(attempt["try"], number, "{job}");
        let last = number == history.len();
        assert!(last || attempt["outcome"] != "succeeded", "{job}");
    }
    for pair in history.windows(2) {
        // The form of times is such that their texts are in their order.
        let (ended, began) = (pair[0]["ended_at"].as_str(), pair[1]["started_at"].as_str());
        assert!(ended <= began, "two tries at once: {job}");
    }
    if job["state"] == "succeeded" {
        assert_eq!(history.last().unwrap()["outcome"], "succeeded", "{job}");
    }
}

/// Jobs by id.
pub(super) type All = HashMap<String, Value>;

/// All jobs there are, also those that no caller knows of, once nothing is under
/// way any more but what waits for a day that is far.
pub(super) async fn all(client: &Client) -> All {
    quiet(client).await;
    let mut all = All::new();
    let mut next = Some("/jobs?limit=500".to_owned());
    while let Some(path) = next {
        let page = client.get(&path).await;
        let Value::Array(jobs) = page.is(200) else { panic!("{page:?}") };
        all.extend(jobs.into_iter().map(|job| (job["id"].as_str().unwrap().to_owned(), job)));
        next = next_page(page.header("link"));
    }
    all
}

async fn quiet(client: &Client) {
    eventually("the queues are empty", PATIENCE, || async {
        let queues = client.get("/queues").await.is(200);
        let busy = |queue: &Value| queue["ready"] != 0 || queue["running"] != 0;
        let scheduled = client.get("/jobs?state=scheduled&limit=500").await.is(200);
        let far = |job: &Value| job["run_at"].as_str().unwrap().starts_with("2100-");
        let idle = !queues.as_array().unwrap().iter().any(busy);
        (idle && scheduled.as_array().unwrap().iter().all(far)).then_some(())
    })
    .await;
}

/// Whether all jobs are sound and counted, batches whole, and times that were to
/// be had once had once.
pub(super) async fn all_sound(client: &Client, all: &All) {
    let mut batches: HashMap<&str, usize> = HashMap::new();
    let mut counts: HashMap<(String, String), u64> = HashMap::new();
    let mut times = HashSet::new();
    for job in all.values() {
        if job["kind"] == "diagnostic" {
            sound(job);
        }
        let text = |member: &str| job[member].as_str().unwrap().to_owned();
        *counts.entry((text("queue"), text("state"))).or_default() += 1;
        if let Some(batch) = job["batch_id"].as_str() {
            *batches.entry(batch).or_default() += 1;
        }
        let run_at = job["run_at"].as_str().unwrap_or_default();
        let doubled = run_at.starts_with("2100-") && !times.insert(run_at);
        assert!(!doubled, "two jobs of one key: {job}");
    }
    assert_eq!(counts, counted(client).await, "the counts of queues are not those of their jobs");
    assert!(!batches.is_empty());
    assert!(batches.values().all(|jobs| *jobs == BATCH), "half a batch: {batches:?}");
}

/// Jobs by queue and state, as the queues count them.
async fn counted(client: &Client) -> HashMap<(String, String), u64> {
    let queues = client.get("/queues").await.is(200);
    let states = ["ready", "scheduled", "running", "failed", "succeeded", "cancelled"];
    let of_queue = |queue: &Value| {
        let name = queue["name"].as_str().unwrap().to_owned();
        let count =
            |state: &&str| ((name.clone(), (*state).to_owned()), queue[*state].as_u64().unwrap());
        states.iter().map(count).collect::<Vec<_>>()
    };
    let all = queues.as_array().unwrap().iter().flat_map(of_queue);
    all.filter(|(_, count)| *count > 0).collect()
}

/// The path of the next page.
fn next_page(link: &str) -> Option<String> {
    let (target, _) = link.strip_prefix('<')?.split_once(">; rel=\"next\"")?;
    let path =
        target.strip_prefix("http://").map_or(target, |rest| &rest[rest.find('/').unwrap()..]);
    Some(path.to_owned())
}
