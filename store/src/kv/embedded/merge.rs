//! A page of the three sources as one: active, frozen, sled.
//!
//! Where two sources hold the same key the newer one speaks, even if all it
//! says is that the key is gone.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::ops::Bound;

use bytes::Bytes;

use super::layers::{Layer, Layers, Slot};
use crate::kv::engine::{EngineError, Pair, Span};

type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The span as bounds; `None` if nothing can be in it.
pub(super) fn bounds(span: &Span) -> Option<Bounds> {
    match &span.to {
        Some(to) if *to <= span.from => None,
        Some(to) => Some((Bound::Included(span.from.clone()), Bound::Excluded(to.clone()))),
        None => Some((Bound::Included(span.from.clone()), Bound::Unbounded)),
    }
}

/// A layer's part of a span, in its direction.
fn slots<'a>(
    layer: &'a Layer,
    bounds: &'a Bounds,
    reverse: bool,
) -> Box<dyn Iterator<Item = (&'a Bytes, &'a Slot)> + 'a> {
    let bound = |bound: &'a Bound<Vec<u8>>| bound.as_ref().map(Vec::as_slice);
    let range = layer.range(bound(&bounds.0), bound(&bounds.1));
    if reverse { Box::new(range.rev()) } else { Box::new(range) }
}

/// The first `limit` pairs of the layers over what `below` yields; `below` has
/// the same bounds and direction.
pub(super) fn page<K, V>(
    layers: &Layers,
    bounds: &Bounds,
    span: &Span,
    below: impl Iterator<Item = Result<(K, V), EngineError>>,
    limit: usize,
) -> Result<Vec<Pair>, EngineError>
where
    K: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let empty = Layer::default();
    let frozen = layers.frozen.as_deref().unwrap_or(&empty);
    let mut active = slots(&layers.active, bounds, span.reverse).peekable();
    let mut frozen = slots(frozen, bounds, span.reverse).peekable();
    let mut below = below.peekable();
    let mut found = Vec::new();
    while found.len() < limit {
        let above = match (active.peek(), frozen.peek()) {
            (None, None) => None,
            (Some((key, _)), None) | (None, Some((key, _))) => Some(*key),
            (Some((a, _)), Some((f, _))) => Some(if first(a, f, span.reverse) { *a } else { *f }),
        };
        match (above, below.peek()) {
            (None, None) => break,
            (_, Some(Err(_))) | (None, Some(Ok(_))) => take_below(&mut below, &mut found)?,
            (Some(key), Some(Ok((under, _)))) if !first(key, under.as_ref(), span.reverse) => {
                take_below(&mut below, &mut found)?;
            }
            (Some(key), under) => {
                let hidden = matches!(under, Some(Ok((under, _))) if under.as_ref() == *key);
                if hidden {
                    below.next();
                }
                let newer = active.next_if(|(k, _)| *k == key);
                let older = frozen.next_if(|(k, _)| *k == key);
                if let Some(value) = newer.or(older).and_then(|(_, slot)| slot.value()) {
                    found.push((key.clone(), value.clone()));
                }
            }
        }
    }
    Ok(found)
}

/// What is kept of sled's: a part would keep its whole page.
fn copied(bytes: &[u8]) -> Bytes {
    if bytes.is_empty() { Bytes::new() } else { Bytes::copy_from_slice(bytes) }
}

/// Whether `a` comes no later than `b` in this direction.
fn first(a: &[u8], b: &[u8], reverse: bool) -> bool {
    match a.cmp(b) {
        Ordering::Equal => true,
        Ordering::Less => !reverse,
        Ordering::Greater => reverse,
    }
}

fn take_below<K: AsRef<[u8]>, V: AsRef<[u8]>>(
    below: &mut Peekable<impl Iterator<Item = Result<(K, V), EngineError>>>,
    found: &mut Vec<Pair>,
) -> Result<(), EngineError> {
    if let Some(pair) = below.next() {
        let (key, value) = pair?;
        found.push((copied(key.as_ref()), copied(value.as_ref())));
    }
    Ok(())
}
