//! The threads that hold the database connections, and what they are handed.
//!
//! ```text
//!  callers                    queue              threads                 database
//!  vault.verify(…) ─ job ──►  ┌────────┐   ┌───────────────────────┐
//!  vault.verify(…) ─ job ──►  │ ≤ 4096 │──►│ begin                 │
//!  vault.enrol(…)  ─ job ──►  └────────┘   │ run each job          │──► rows and entries
//!        ▲                                 │ commit ── durable ────│──► disk
//!        └────────── ticket ◄───────────── │ answer each           │
//!                                          └───────────────────────┘
//! ```
//!
//! Jobs that wait while a commit is under way share the next one: this is where a disk's slowness is divided
//! by the number of callers. SQLite has one thread that writes, and threads that read beside it; for
//! PostgreSQL, which groups the commits of its connections itself, each thread has a connection and takes one job
//! at a time. What reads for long, a check or an export, has a queue and a thread of its own.

#[cfg(test)]
pub(crate) mod faulty;
mod job;
mod queue;
mod worker;

pub use job::{Awaited, Ticket};
pub(crate) use job::{Caller, Job, task};
pub(crate) use queue::Queue;
pub(crate) use worker::{Role, Worker};
