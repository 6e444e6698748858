//! From what a JSON Schema validator says to our codes for wrong members.

use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use serde_json::Value;
use zelador_actors::Flaw;

/// Adds what `error` tells of, one flaw a member.
pub(super) fn collect(error: &ValidationError<'_>, into: &mut Vec<Flaw>) {
    collect_at("", error, into);
}

fn collect_at(base: &str, error: &ValidationError<'_>, into: &mut Vec<Flaw>) {
    let field = join(base, error);
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            match branch(context) {
                // Errors inside a branch are located from the root already.
                Some(errors) => errors.iter().for_each(|error| collect_at(base, error, into)),
                None => push(into, Flaw::new(field, "no_match")),
            }
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                push(into, Flaw::new(member(&field, name), "unknown_field"));
            }
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            push(into, Flaw::new(member(&field, name), "required"));
        }
        kind => push(into, named(if field.is_empty() { "body".into() } else { field }, kind)),
    }
}

/// One member is told of once for each code, however many branches say so; of the
/// wrong type, it is nothing else besides.
fn push(into: &mut Vec<Flaw>, flaw: Flaw) {
    let told = |known: &Flaw| {
        known.field == flaw.field && (known.code == flaw.code || known.code == "type")
    };
    if !into.iter().any(told) {
        into.push(flaw);
    }
}

/// The alternative that was meant: the one that is not just `null`.
fn branch<'a>(
    context: &'a [Vec<ValidationError<'static>>],
) -> Option<&'a [ValidationError<'static>]> {
    let mut meant = context.iter().filter(|errors| !only_null(errors));
    match (meant.next(), meant.next()) {
        (Some(errors), None) => Some(errors),
        _ => None,
    }
}

fn only_null(errors: &[ValidationError<'static>]) -> bool {
    let [error] = errors else { return false };
    match error.kind() {
        Kind::Type { kind: TypeKind::Single(kind) } => kind.to_string() == "null",
        _ => false,
    }
}

fn named(field: String, kind: &Kind) -> Flaw {
    match kind {
        Kind::Type { kind } => Flaw::new(field, "type").with("expected", expected(kind)),
        Kind::MinLength { limit: 1 } => Flaw::new(field, "empty"),
        Kind::MinLength { limit } => Flaw::new(field, "too_short").with("limit", limit),
        Kind::MaxLength { limit } => Flaw::new(field, "too_long").with("limit", limit),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => {
            Flaw::new(field, "too_few").with("limit", limit)
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            Flaw::new(field, "too_many").with("limit", limit)
        }
        Kind::Minimum { limit } => Flaw::new(field, "minimum").with("limit", limit),
        Kind::Maximum { limit } => Flaw::new(field, "maximum").with("limit", limit),
        Kind::ExclusiveMinimum { limit } => Flaw::new(field, "above").with("limit", limit),
        Kind::ExclusiveMaximum { limit } => Flaw::new(field, "below").with("limit", limit),
        Kind::MultipleOf { multiple_of } => {
            Flaw::new(field, "multiple_of").with("step", multiple_of)
        }
        Kind::Enum { options } => Flaw::new(field, "enum").with("options", listed(options)),
        Kind::Constant { expected_value } => {
            Flaw::new(field, "enum").with("options", plain(expected_value))
        }
        Kind::Pattern { .. } => Flaw::new(field, "pattern"),
        Kind::Format { format } => Flaw::new(field, "format").with("format", format),
        Kind::UniqueItems => Flaw::new(field, "repeated_item"),
        Kind::PropertyNames { .. } => Flaw::new(field, "member_name"),
        _ => Flaw::new(field, "invalid"),
    }
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => kind.to_string(),
        TypeKind::Multiple(kinds) => {
            let kinds: Vec<String> =
                kinds.iter().map(|kind| kind.to_string()).filter(|kind| kind != "null").collect();
            kinds.join(" / ")
        }
    }
}

fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().filter(|option| !option.is_null()).map(plain).collect::<Vec<_>>().join(", ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `settings.closures[0].date`; empty for the body itself.
fn join(base: &str, error: &ValidationError<'_>) -> String {
    let mut path = base.to_owned();
    for segment in error.instance_path() {
        match segment {
            LocationSegment::Property(name) => path = member(&path, &name),
            LocationSegment::Index(index) => path = format!("{path}[{index}]"),
        }
    }
    path
}

fn member(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
