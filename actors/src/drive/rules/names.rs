//! Names of files and folders on the VM: nothing that a name holds leads out of its
//! folder, or is taken for something else there.

/// Bytes of a name, at most.
const MOST: usize = 255;

/// A name that a file may have on the VM, made of one it has elsewhere. Never empty.
pub fn legal(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c == '/' || c == '\\' || c.is_control() || is_invisible(c) { '_' } else { c })
        .collect();
    let at_ends = |c: char| c == '.' || c.is_whitespace();
    let cut = cut(clean.trim_matches(at_ends), MOST);
    let cut = cut.trim_end_matches(at_ends);
    if cut.is_empty() { "arquivo".to_owned() } else { cut.to_owned() }
}

/// What turns text around or is not seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The same with a number, for a place where there is one already:
/// `nota (2).pdf`. Never longer than a name may be.
pub fn numbered(name: &str, number: u32) -> String {
    if number < 2 {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 10 => {
            (stem, format!(".{ending}"))
        }
        _ => (name, String::new()),
    };
    let tail = format!(" ({number}){ending}");
    format!("{}{tail}", cut(stem, MOST - tail.len()))
}

/// The name of the note beside a file that could not be processed. Never longer than
/// a name may be.
pub fn note_of(name: &str) -> String {
    let tail = ".erro.txt";
    format!("{}{tail}", cut(name, MOST - tail.len()))
}

/// So many bytes at most, and whole characters.
fn cut(text: &str, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// Whether a name in `novos` is none of a file that is there yet: hidden, being
/// written, or of an office program's own.
pub fn is_unfinished(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ending = [".part", ".tmp", ".crdownload", ".partial", ".swp"];
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || lower == "thumbs.db"
        || lower == "desktop.ini"
        || ending.iter().any(|ending| lower.ends_with(ending))
}

/// The name of a user's folder on Drive: what people call them, or their id.
pub fn folder_name(name: &str, id: &str) -> String {
    let clean = legal(name);
    if name.trim().is_empty() { id.to_owned() } else { clean }
}
