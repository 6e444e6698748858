//! The rows of a table in a dump, one statement at a time.
//!
//! Statements are found by how mysqldump and `pg_dump` lay them out: each begins
//! at the start of a line and ends with a `;` outside quotes. What is in one is
//! sqlparser's to read; the lines below a `COPY … FROM stdin` are ours.

mod copy;
mod statement;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use super::row::Row;

/// The longest statement that is read; mysqldump's are 1 MiB unless told
/// otherwise.
const LONGEST: usize = 64 << 20;

/// Whose dump it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// mysqldump's.
    MySql,
    /// `pg_dump`'s, plain.
    Postgres,
}

/// A dump: one file or several.
#[derive(Debug)]
pub(super) struct Dump {
    files: Vec<PathBuf>,
    dialect: Dialect,
}

/// A dump that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum DumpError {
    /// The file, or the disk.
    #[error("cannot read the dump {}: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// A row, or the line of a statement that is none.
pub(super) type Found = Result<Row, Unreadable>;

/// Something of the wanted table that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The line of the dump, from 1.
    pub(super) line: u64,
    /// Why.
    pub(super) why: String,
}

impl Dump {
    /// These files, of this dialect.
    pub(super) fn new(files: Vec<PathBuf>, dialect: Dialect) -> Self {
        Self { files, dialect }
    }

    /// The rows of a table, file after file.
    pub(super) fn rows<'a>(
        &'a self,
        table: &'a str,
    ) -> impl Iterator<Item = Result<Found, DumpError>> + 'a {
        self.files.iter().flat_map(move |file| {
            let wrong = |source| DumpError::Read { file: file.clone(), source };
            let (rows, broken) = match File::open(file) {
                Ok(open) => (Some(Rows::new(BufReader::new(open), table, self.dialect)), None),
                Err(source) => (None, Some(Err(wrong(source)))),
            };
            broken.into_iter().chain(rows.into_iter().flatten().map(move |row| row.map_err(wrong)))
        })
    }
}

/// The rows of one table in one file.
pub(super) struct Rows<'a, R> {
    input: R,
    table: &'a str,
    dialect: Dialect,
    line: u64,
    /// As `CREATE TABLE` names them, for an INSERT that does not.
    columns: Vec<String>,
    found: VecDeque<Found>,
    copying: Option<Copying>,
    over: bool,
}

/// The lines below a `COPY`, and whether they are of the wanted table.
struct Copying {
    columns: Option<Vec<String>>,
}

impl<'a, R: BufRead> Rows<'a, R> {
    /// The rows of this table.
    pub(super) fn new(input: R, table: &'a str, dialect: Dialect) -> Self {
        Self {
            input,
            table,
            dialect,
            line: 0,
            columns: Vec::new(),
            found: VecDeque::new(),
            copying: None,
            over: false,
        }
    }

    /// The next line without its end; `None`: the end. Bytes that are no UTF-8
    /// are replaced: they are of no column that is wanted.
    fn next_line(&mut self) -> std::io::Result<Option<String>> {
        let mut bytes = Vec::new();
        if self.input.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.ends_with(b"\n") {
            bytes.pop();
        }
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(Some(text))
    }

    /// Takes in a line, and the ones that belong to it.
    fn take(&mut self, line: String) -> std::io::Result<()> {
        if let Some(copying) = &self.copying {
            self.copied(&line, copying.columns.clone());
            return Ok(());
        }
        let Some((kind, table)) = statement::head(&line) else { return Ok(()) };
        let begun = self.line;
        let wanted = table == self.table;
        let text = self.statement(line, wanted)?;
        if !wanted && kind != statement::Kind::Copy {
            return Ok(());
        }
        let told = |why: String| Unreadable { line: begun, why };
        match (kind, text) {
            (_, None) => self.found.push_back(Err(told("the statement is too long".into()))),
            (statement::Kind::Create, Some(text)) => {
                match statement::columns(&text, self.dialect) {
                    Ok(columns) => self.columns = columns,
                    Err(why) => self.found.push_back(Err(told(why))),
                }
            }
            (statement::Kind::Insert, Some(text)) => {
                match statement::rows(&text, &self.columns, self.dialect) {
                    Ok(rows) => {
                        let told = rows.into_iter().map(|row| row.map_err(told));
                        self.found.extend(told);
                    }
                    Err(why) => self.found.push_back(Err(told(why))),
                }
            }
            (statement::Kind::Copy, Some(text)) => {
                let columns = statement::copied(&text);
                if let (true, Err(why)) = (wanted, &columns) {
                    self.found.push_back(Err(told(why.clone())));
                }
                self.copying = Some(Copying { columns: columns.ok().filter(|_| wanted) });
            }
        }
        Ok(())
    }

    /// A line below a `COPY`.
    fn copied(&mut self, line: &str, columns: Option<Vec<String>>) {
        if line.trim_end_matches('\r') == r"\." {
            self.copying = None;
            return;
        }
        let Some(columns) = columns else { return };
        let row = Row::new(&columns, copy::cells(line));
        let line = self.line;
        let why = || Unreadable { line, why: "has more or fewer cells than columns".to_owned() };
        self.found.push_back(row.ok_or_else(why));
    }

    /// The statement that begins with this line; `None` if it is too long. What
    /// is not wanted is read past, and not kept.
    fn statement(&mut self, first: String, wanted: bool) -> std::io::Result<Option<String>> {
        let mut quotes = statement::Quotes::new(self.dialect);
        let mut ended = quotes.ends(&first);
        let mut text = first;
        let mut fits = text.len() <= LONGEST;
        while !ended {
            let Some(line) = self.next_line()? else { break };
            ended = quotes.ends(&line);
            fits = fits && text.len() + line.len() < LONGEST;
            if wanted && fits {
                text.push('\n');
                text.push_str(&line);
            }
        }
        Ok(fits.then_some(text))
    }
}

impl<R: BufRead> Iterator for Rows<'_, R> {
    type Item = std::io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Some(Ok(found));
            }
            if self.over {
                return None;
            }
            let taken = match self.next_line() {
                Ok(Some(line)) => self.take(line),
                Ok(None) => {
                    self.over = true;
                    Ok(())
                }
                Err(error) => Err(error),
            };
            if let Err(error) = taken {
                self.over = true;
                return Some(Err(error));
            }
        }
    }
}
