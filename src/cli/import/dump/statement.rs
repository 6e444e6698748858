//! One statement of a dump, as sqlparser reads it.

use sqlparser::ast::{
    CopySource, Expr, Ident, ObjectName, SetExpr, Statement, TableObject, UnaryOperator, Value,
};
use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect};
use sqlparser::parser::{Parser, ParserError};

use super::Dialect;
use crate::cli::import::row::Row;

/// The statements that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names a table's columns.
    Create,
    /// Has rows.
    Insert,
    /// Has rows below it.
    Copy,
}

/// The kind of statement that begins with a line, and its table.
pub(super) fn head(line: &str) -> Option<(Kind, String)> {
    let heads =
        [("CREATE TABLE ", Kind::Create), ("INSERT INTO ", Kind::Insert), ("COPY ", Kind::Copy)];
    let (kind, rest) = heads
        .into_iter()
        .find_map(|(head, kind)| line.strip_prefix(head).map(|rest| (kind, rest)))?;
    let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
    let name = rest.split([' ', '(', ';']).next()?.rsplit('.').next()?;
    Some((kind, name.trim_matches(['`', '"']).to_owned()))
}

/// Whether a statement is inside quotes, from line to line.
pub(super) struct Quotes {
    dialect: Dialect,
    open: Option<char>,
}

impl Quotes {
    /// Outside.
    pub(super) const fn new(dialect: Dialect) -> Self {
        Self { dialect, open: None }
    }

    /// Takes in a line; whether the statement ends with it.
    pub(super) fn ends(&mut self, line: &str) -> bool {
        let mut escaped = false;
        for c in line.chars() {
            match (self.open, c) {
                _ if escaped => escaped = false,
                (Some(_), '\\') if self.dialect == Dialect::MySql => escaped = true,
                // A quote that is doubled closes and opens again.
                (Some(open), c) if c == open => self.open = None,
                (None, '\'' | '"' | '`') => self.open = Some(c),
                _ => {}
            }
        }
        self.open.is_none() && line.trim_end().ends_with(';')
    }
}

/// The columns that a `CREATE TABLE` names.
pub(super) fn columns(text: &str, dialect: Dialect) -> Result<Vec<String>, String> {
    match parse(text, dialect)? {
        Statement::CreateTable(table) => {
            Ok(table.columns.iter().map(|column| column.name.value.clone()).collect())
        }
        _ => Err("is no CREATE TABLE".to_owned()),
    }
}

/// The columns that a `COPY` names.
pub(super) fn copied(text: &str) -> Result<Vec<String>, String> {
    match parse(text, Dialect::Postgres)? {
        Statement::Copy { source: CopySource::Table { columns, .. }, to: false, .. } => {
            Ok(columns.into_iter().map(|column| column.value).collect())
        }
        _ => Err("is no COPY from stdin".to_owned()),
    }
}

/// The rows of an INSERT; a row that is not plain values is told apart.
pub(super) fn rows(
    text: &str,
    known: &[String],
    dialect: Dialect,
) -> Result<Vec<Result<Row, String>>, String> {
    let Statement::Insert(insert) = parse(text, dialect)? else {
        return Err("is no INSERT".to_owned());
    };
    let TableObject::TableName(_) = insert.table else { return Err("names no table".to_owned()) };
    let named: Vec<_> = insert.columns.iter().filter_map(last).collect();
    let columns = if named.is_empty() { known } else { &named };
    if columns.is_empty() {
        return Err("names no columns, and no CREATE TABLE before it does".to_owned());
    }
    let Some(source) = insert.source else { return Err("has no VALUES".to_owned()) };
    let SetExpr::Values(values) = *source.body else { return Err("has no VALUES".to_owned()) };
    let rows = values.rows.into_iter().map(|row| {
        let cells: Option<Vec<_>> = row.content.into_iter().map(cell).collect();
        let cells = cells.ok_or("has a value that is computed")?;
        Row::new(columns, cells).ok_or_else(|| "has more or fewer cells than columns".to_owned())
    });
    Ok(rows.collect())
}

fn last(name: &ObjectName) -> Option<String> {
    name.0.last()?.as_ident().map(|Ident { value, .. }| value.clone())
}

/// The text of a value; inner `None`: null; outer: it is computed.
#[expect(clippy::option_option, reason = "of no value, of null, of a text")]
fn cell(expr: Expr) -> Option<Option<String>> {
    match expr {
        Expr::Value(value) => Some(match value.value {
            Value::Null => None,
            Value::Boolean(yes) => Some(u8::from(yes).to_string()),
            Value::Number(text, _)
            | Value::EscapedStringLiteral(text)
            | Value::NationalStringLiteral(text)
            | Value::HexStringLiteral(text) => Some(text),
            other => Some(other.into_string()?),
        }),
        Expr::Prefixed { value, .. } => cell(*value),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
            Some(cell(*expr)?.map(|number| format!("-{number}")))
        }
        _ => None,
    }
}

fn parse(text: &str, dialect: Dialect) -> Result<Statement, String> {
    let parsed = match dialect {
        Dialect::MySql => Parser::parse_sql(&MySqlDialect {}, text),
        Dialect::Postgres => Parser::parse_sql(&PostgreSqlDialect {}, text),
    };
    let mut statements = parsed.map_err(|error| where_of(&error))?;
    statements.pop().ok_or_else(|| "is empty".to_owned())
}

/// Where it is not understood. What stands there is not told: it may be secret.
fn where_of(error: &ParserError) -> String {
    let text = error.to_string();
    let at = text.rsplit_once(" at Line: ").map(|(_, at)| at);
    let at = at.filter(|at| at.chars().all(|c| c.is_ascii_alphanumeric() || " ,:".contains(c)));
    match at {
        Some(at) => format!("the statement is not understood at its line {at}"),
        None => "the statement is not understood".to_owned(),
    }
}
