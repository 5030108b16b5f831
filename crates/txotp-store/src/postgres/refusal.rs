//! What the errors of a server mean. Their texts may hold what was bound, so none is passed on.

use std::io;

use tokio_postgres::Error;
use tokio_postgres::types::WrongType;

use crate::StoreError;
use crate::database::Failure;
use crate::error::Damage;

/// What an error within a transaction means, by its SQLSTATE (PostgreSQL's appendix A).
pub(super) fn failure(error: &Error) -> Failure {
    let Some(code) = code(error) else {
        let source = std::error::Error::source(error);
        // A column is not of the type that it was made with.
        if source.is_some_and(|source| source.is::<WrongType>()) {
            return StoreError::Damaged(Damage::Content).into();
        }
        // Neither side knows any more what the other one said.
        return Failure::Lost;
    };
    match code {
        // serialization_failure, deadlock_detected.
        "40001" | "40P01" => Failure::Conflict,
        // The server ends the session, or is ending itself: admin_shutdown, crash_shutdown, cannot_connect_now,
        // database_dropped, idle_in_transaction_session_timeout, transaction_timeout;
        // statement_completion_unknown.
        "57P01" | "57P02" | "57P03" | "57P04" | "25P03" | "25P04" | "40003" => Failure::Lost,
        // read_only_sql_transaction: what was the primary is none any more, though it (or a pooler before it)
        // kept the connection. Another connection goes to the server that writes, or finds that there is none.
        "25006" => Failure::Lost,
        // invalid_sql_statement_name; feature_not_supported, as when a prepared statement's columns changed:
        // what was prepared is not there any more, and will be in another session.
        "26000" | "0A000" => Failure::Lost,
        code if code.starts_with("08") => Failure::Lost,
        code => Failure::Store(refusal(code)),
    }
}

/// Why there is no connection.
pub(super) fn unconnected(error: &Error) -> StoreError {
    if let Some(code) = code(error) {
        return refusal(code);
    }
    let source = std::error::Error::source(error);
    let Some(error) = source.and_then(|source| source.downcast_ref::<io::Error>()) else {
        // The login asks for what was not given, or the server has no TLS.
        return match source {
            Some(_) => StoreError::Refused,
            None => StoreError::Unreachable,
        };
    };
    match error.kind() {
        _ if error
            .get_ref()
            .is_some_and(|inner| inner.is::<rustls::Error>()) =>
        {
            StoreError::Untrusted
        }
        // What the driver says of a standby; the operating system's own has a number.
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => StoreError::ReadOnly,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => StoreError::Refused,
        _ => StoreError::Unreachable,
    }
}

/// Whether the server answered, and would not.
pub(super) fn is_refused(error: &Error) -> bool {
    code(error).is_some()
}

fn code(error: &Error) -> Option<&str> {
    error.code().map(tokio_postgres::error::SqlState::code)
}

fn refusal(code: &str) -> StoreError {
    match code {
        // lock_not_available, query_canceled (a statement's time was over), too_many_connections.
        "55P03" | "57014" | "53300" => StoreError::Busy,
        // disk_full.
        "53100" => StoreError::Full,
        // unique_violation: an entry that the device's row does not count, or a book of this name.
        "23505" => StoreError::Damaged(Damage::Evidence),
        // undefined_table, undefined_column, invalid_schema_name.
        "42P01" | "42703" | "3F000" => StoreError::NotAStore,
        // duplicate_table.
        "42P07" => StoreError::AlreadyAStore,
        // data_corrupted, index_corrupted.
        "XX001" | "XX002" => StoreError::Damaged(Damage::File),
        // invalid_catalog_name: no such database; insufficient_privilege.
        "3D000" | "42501" => StoreError::Refused,
        code if code.starts_with("28") => StoreError::Refused,
        // io_error, and a server that starts, stops or broke down.
        "58030" | "57P01" | "57P02" | "57P03" => StoreError::Unreachable,
        code if code.starts_with("08") => StoreError::Unreachable,
        code => StoreError::Database(u32::from_str_radix(code, 36).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_state_is_told_by_its_number() {
        assert_eq!(refusal("22021"), StoreError::Database(3_452_617));
        assert_eq!(refusal("ZZZZZ"), StoreError::Database(36_u32.pow(5) - 1));
        assert_eq!(refusal("not a state"), StoreError::Database(0));
    }
}
