//! A line below `COPY … FROM stdin`: cells parted by tabs, `\N` for null,
//! backslashes before what would be misread.

/// The cells of a line.
pub(super) fn cells(line: &str) -> Vec<Option<String>> {
    line.split('\t').map(|cell| (cell != r"\N").then(|| plain(cell))).collect()
}

fn plain(cell: &str) -> String {
    if !cell.contains('\\') {
        return cell.to_owned();
    }
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell.chars();
    while let Some(c) = rest.next() {
        match (c, c == '\\') {
            (_, true) => text.extend(rest.next().map(meant)),
            (c, false) => text.push(c),
        }
    }
    text
}

/// What a letter after a backslash means. `pg_dump` writes no numbers there.
const fn meant(c: char) -> char {
    match c {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_what_was_stored() {
        let told = |line| cells(line).into_iter().map(|cell| cell.unwrap_or("NULL".into()));
        for (line, expected) in [
            ("a\tb", vec!["a", "b"]),
            (r"\N", vec!["NULL"]),
            ("\t\\N\t", vec!["", "NULL", ""]),
            (r"one\ntwo\tthree\\four", vec!["one\ntwo\tthree\\four"]),
            (r"\\N", vec![r"\N"]),
            (r#"{"a": "b\\"c"}"#, vec![r#"{"a": "b\"c"}"#]),
        ] {
            assert_eq!(told(line).collect::<Vec<_>>(), expected, "{line}");
        }
    }
}
