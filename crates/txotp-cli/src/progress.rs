//! How far a long work is: a bar on standard error, if that is a terminal, gone when the work is done.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use txotp_store::Progress;

const BAR: &str = "{msg} [{bar:30}] {human_pos} of {human_len}, {eta} left";
const COUNT: &str = "{spinner} {msg} {human_pos}, {elapsed}";

/// A bar, taken away when dropped.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// Of a work whose length is told as it goes on.
    pub(crate) fn new(what: &'static str) -> Self {
        Self::styled(what, BAR)
    }

    /// Of a work whose length is not known.
    pub(crate) fn counting(what: &'static str) -> Self {
        Self::styled(what, COUNT)
    }

    fn styled(what: &'static str, template: &str) -> Self {
        // The target draws nothing where standard error is no terminal.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what);
        Self(bar)
    }

    /// What a store tells of its progress.
    pub(crate) fn progress(&self) -> Progress {
        let bar = self.0.clone();
        Box::new(move |done, total| show(&bar, done, total))
    }

    /// Shows how much is done, and of how much.
    pub(crate) fn show(&self, done: u64, total: u64) {
        show(&self.0, done, total);
    }

    /// Counts more that is done.
    pub(crate) fn add(&self, more: u64) {
        self.0.inc(more);
    }
}

fn show(bar: &ProgressBar, done: u64, total: u64) {
    bar.update(|state| {
        state.set_len(total);
        state.set_pos(done);
    });
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
