//! One layer of settings over another, as tables.

use toml::{Table, Value};

use super::ConfigError;

pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before
        .filter(|byte| **byte == b'\n')
        .count()
        .saturating_add(1)
}

pub(super) fn at<'a>(table: &'a Table, setting: &str) -> Option<&'a Value> {
    match setting.split_once('.') {
        Some((section, name)) => table.get(section)?.as_table()?.get(name),
        None => table.get(setting),
    }
}

pub(super) fn put(table: &mut Table, setting: &str, value: Value) {
    match setting.split_once('.') {
        Some((section, name)) => {
            let section = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(name.to_owned(), value);
            }
        }
        None => {
            table.insert(setting.to_owned(), value);
        }
    }
}

/// Whether every name of a table is that of a setting.
pub(super) fn check_names(table: &Table, known: &Table, prefix: &str) -> Result<(), ConfigError> {
    for (name, value) in table {
        let setting = format!("{prefix}{name}");
        match (known.get(name), value) {
            (None, _) => return Err(ConfigError::Unknown { setting }),
            (Some(Value::Table(known)), Value::Table(section)) => {
                check_names(section, known, &format!("{setting}."))?;
            }
            (Some(Value::Table(_)), _) | (Some(_), Value::Table(_)) => {
                return Err(ConfigError::Value { setting });
            }
            (Some(_), _) => {}
        }
    }
    Ok(())
}

/// Sets a setting from text, which is read as what its default is.
pub(super) fn set(
    table: &mut Table,
    known: &Table,
    setting: &str,
    text: &str,
) -> Result<(), ConfigError> {
    let wrong = || ConfigError::Value {
        setting: setting.to_owned(),
    };
    let value = match at(known, setting) {
        Some(Value::String(_)) => Value::String(text.to_owned()),
        Some(Value::Integer(_)) => Value::Integer(text.parse().map_err(|_| wrong())?),
        Some(Value::Boolean(_)) => Value::Boolean(text.parse().map_err(|_| wrong())?),
        Some(Value::Array(_)) => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => {
            return Err(ConfigError::Unknown {
                setting: setting.to_owned(),
            });
        }
    };
    put(table, setting, value);
    Ok(())
}
