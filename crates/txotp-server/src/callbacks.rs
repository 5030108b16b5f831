//! Callbacks: an approval's end, told to the application from a durable outbox.
