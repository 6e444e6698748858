//! Jobs and what is counted of them.

use std::collections::BTreeMap;

use crate::id::BatchId;
use crate::job::{BatchCounts, Job, JobCounts, JobState, Jobs};
use crate::kv::keeping::Finding;
use crate::kv::{Key, Table, Tally, Term, decode_row};

/// Jobs by queue and state, and by batch and state: walked, and as the tallies
/// have it. Rows that cannot be read are the general check's to name.
#[derive(Default)]
pub(super) struct Counted {
    walked: BTreeMap<(Term, u8), i64>,
    told: BTreeMap<(Term, u8), i64>,
    walked_batches: BTreeMap<(BatchId, u8), i64>,
    told_batches: BTreeMap<(BatchId, u8), i64>,
    wrong: Vec<Finding>,
}

impl Counted {
    pub(super) fn look(&mut self, key: &[u8], value: &[u8]) {
        let Some((tag, rest)) = key.split_first_chunk() else { return };
        match u16::from_be_bytes(*tag) {
            Jobs::TAG => {
                if let Ok(job) = decode_row::<Jobs>(value) {
                    self.job(rest, &job);
                }
            }
            JobCounts::TAG => note::<JobCounts>(&mut self.told, rest, value),
            BatchCounts::TAG => note::<BatchCounts>(&mut self.told_batches, rest, value),
            _ => {}
        }
    }

    fn job(&mut self, key: &[u8], job: &Job) {
        let state = job.state.code();
        *self.walked.entry((Term::new(&job.queue), state)).or_default() += 1;
        if let Some(batch) = job.batch {
            *self.walked_batches.entry((batch, state)).or_default() += 1;
        }
        let ended = job.ended_at.is_some();
        if ended == job.state.is_live() {
            let id = hex::encode(key);
            let problem = format!("{id} is {} but its end says otherwise", job.state.word());
            self.wrong.push(Finding::new(Jobs::NAME, problem));
        }
        if job.state == JobState::Running && job.tries == 0 {
            let problem = format!("{} runs without a try", hex::encode(key));
            self.wrong.push(Finding::new(Jobs::NAME, problem));
        }
    }

    pub(super) fn compare(self, findings: &mut Vec<Finding>) {
        findings.extend(self.wrong);
        differences(<JobCounts as Tally>::NAME, &self.walked, &self.told, findings);
        let (walked, told) = (&self.walked_batches, &self.told_batches);
        differences(<BatchCounts as Tally>::NAME, walked, told, findings);
    }
}

fn note<T: Tally>(told: &mut BTreeMap<T::Key, i64>, key: &[u8], value: &[u8])
where
    T::Key: Ord,
{
    if let (Ok(key), Ok(number)) = (T::Key::from_bytes(key), value.try_into()) {
        told.insert(key, i64::from_le_bytes(number));
    }
}

fn differences<K: Ord + std::fmt::Debug>(
    place: &str,
    walked: &BTreeMap<K, i64>,
    told: &BTreeMap<K, i64>,
    findings: &mut Vec<Finding>,
) {
    for key in walked.keys().chain(told.keys().filter(|key| !walked.contains_key(key))) {
        let (there, said) = (walked.get(key).unwrap_or(&0), told.get(key).unwrap_or(&0));
        if there != said {
            let problem = format!("{key:?}: there are {there}, it says {said}");
            findings.push(Finding::new(place, problem));
        }
    }
}
