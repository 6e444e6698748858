//! A page of the handbook, as the commands that it shows.

/// A command of a page: one that a reader types and sends off.
#[derive(Clone, Debug)]
pub(super) struct Command {
    /// The heading that it stands under.
    pub(super) heading: String,
    /// Its first line on the page, from 1.
    pub(super) line: usize,
    /// What is typed; its last line's comment is a part of it.
    pub(super) text: String,
    /// That comment.
    pub(super) comment: String,
}

impl Command {
    /// The status that the page says is answered, and what else it says is in the
    /// answer, without spaces: `# 409 category_in_use`, `# 201, "status": "pendente"`.
    pub(super) fn announced(&self) -> Option<(u16, String)> {
        let (status, rest) = self.comment.split_at_checked(3)?;
        let status = status.parse().ok()?;
        let code = rest.split_whitespace().next().filter(|word| word.contains('_'));
        let shown = rest.find('"').map(|at| rest[at..].replace(' ', ""));
        Some((status, shown.or(code.map(str::to_owned)).unwrap_or_default()))
    }
}

/// The text of a page (`docs/handbook/booking.md`).
pub(super) fn read(page: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// The commands of a page, in their order.
pub(super) fn commands(page: &str) -> Vec<Command> {
    let (mut all, mut heading, mut fence) = (Vec::new(), String::new(), None);
    let mut open: Option<Command> = None;
    for (at, line) in page.lines().enumerate() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(kind == "sh") };
            assert!(open.is_none(), "line {at}: a command does not end: {open:?}");
            continue;
        }
        if fence.is_none() && line.starts_with('#') {
            line.trim_start_matches(['#', ' ']).clone_into(&mut heading);
        }
        if fence != Some(true) || (open.is_none() && line.trim().is_empty()) {
            continue;
        }
        let mut command = open.take().unwrap_or_else(|| Command {
            heading: heading.clone(),
            line: at + 1,
            text: String::new(),
            comment: String::new(),
        });
        command.text.push_str(line);
        command.text.push('\n');
        match end(&command.text) {
            End::Whole(comment) => all.push(Command { comment, ..command }),
            End::Open => open = Some(command),
        }
    }
    all
}

/// Whether a text is a whole command.
enum End {
    /// It is; and its comment.
    Whole(String),
    /// A quote is open, or it says that it goes on in the next line.
    Open,
}

fn end(text: &str) -> End {
    let (mut quote, mut before, mut escaped) = (None, ' ', false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') if before.is_whitespace() => {
                return End::Whole(text[at + 1..].trim().to_owned());
            }
            _ => {}
        }
        before = c;
    }
    let goes_on = quote.is_some() || text.ends_with("\\\n");
    if goes_on { End::Open } else { End::Whole(String::new()) }
}

/// All blocks of a page in a language, with the lines that they begin at.
pub(super) fn blocks(page: &str, language: &str) -> Vec<(usize, String)> {
    let (mut all, mut open) = (Vec::new(), None);
    for (at, line) in page.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(kind), None) => open = Some((kind == language, at + 1, String::new())),
            (Some(_), Some(_)) => {
                let block = open.take().filter(|(wanted, ..)| *wanted);
                all.extend(block.map(|(_, at, text)| (at, text)));
            }
            (None, Some((_, _, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    all
}

/// What a page's block in another language says (`toml`), under a heading.
pub(super) fn block(page: &str, heading: &str, language: &str) -> String {
    let text = read(page);
    let (_, rest) = text.split_once(&format!("# {heading}\n")).expect("the heading is there");
    let (_, rest) = rest.split_once(&format!("```{language}\n")).expect("the block is there");
    rest.split_once("```").expect("the block ends").0.to_owned()
}

#[test]
fn a_page_is_told_apart_into_its_commands() {
    let page = "# A\n```sh\nls  # 204; gone\nx -d '{\n  \"a#b\": 1}' \\\n  y\n```\n## B\n\n```toml\nz\n```\n  ```sh\n  w | v\n  ```\n";
    let found = commands(page);
    let told: Vec<_> =
        found.iter().map(|one| (one.heading.as_str(), one.line, one.text.trim())).collect();
    let long = "x -d '{\n  \"a#b\": 1}' \\\n  y";
    assert_eq!(told, [("A", 3, "ls  # 204; gone"), ("A", 4, long), ("B", 14, "w | v")]);
    assert_eq!(found[0].announced(), Some((204, String::new())));
    let says =
        |comment: &str| Command { comment: comment.to_owned(), ..found[0].clone() }.announced();
    assert_eq!(says("409 category_in_use while it is"), Some((409, "category_in_use".to_owned())));
    assert_eq!(says("201, \"status\": \"held\""), Some((201, "\"status\":\"held\"".to_owned())));
    assert_eq!(says("by type"), None);
}
