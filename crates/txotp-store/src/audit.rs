//! Evidence: what happened to every device, in books that show when they were changed.
//!
//! ```text
//!  writer A   book 3f…  ┌ 1 ┐◄─┌ 2 ┐◄─┌ 3 ┐◄─┌ 4 ┐        each line holds the SHA-256 of the one before
//!  writer B   book 9c…  ┌ 1 ┐◄─┌ 2 ┐◄─┌ 3 ┐                 so writers do not wait for each other
//!                             │      ▲     ▲
//!  checkpoints          ┌ 1 ┐◄┴──────┴─────┴─┌ 2 ┐           what each book had, under a key that
//!                                                             those who write the database do not have
//!  device "d"           entries 1, 2, 3 … of every book, counted in the device's own row, under a key
//! ```
//!
//! Every writer, which is one connection, keeps a book of its own. A line is one JSON object; its hash is
//! the SHA-256 of its bytes without the line feed, and the next line of the book begins from it. So an
//! edited, a removed, an inserted and a moved line all break a chain, and it is known where. Each line has a
//! mark under a key of the store besides, so that nobody can write the rest of a chain anew. That the last
//! lines of a book are there is shown by the checkpoints, and by the devices, which count their entries in
//! rows that only the store can mark; that the last checkpoint is there, by a marked row that remembers it.
//!
//! What cannot be seen: that *all* of this was put back as it once was. And, by one who has no keys, any change that
//! writes a chain anew to its end, and that its end is missing. Exports that are kept elsewhere show both: what was
//! written since must go on from them.

mod checkpoint;
mod earlier;
mod entry;
mod report;
mod verify;
mod versions;

pub(crate) use checkpoint::{Checkpoint, Latest};
pub use earlier::Earlier;
pub(crate) use entry::Book;
pub use entry::{Entry, Event};
pub use report::{AuditReport, Fault, Finding};
pub use verify::Verifier;
