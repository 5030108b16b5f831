//! Step-up: a session that is stepped up by a code by SMS.
