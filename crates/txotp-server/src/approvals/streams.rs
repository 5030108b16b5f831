//! Room for streams of events: so many in a process, and few of them for one device.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most streams of one device at once, in a process: one that it follows, and those whose end it did not see.
pub(crate) const MAX_OF_DEVICE: usize = 4;

/// The room that there is. It is of one process: several processes together have as many times more.
#[derive(Debug)]
pub(crate) struct Streams {
    room: Arc<Semaphore>,
    of_device: Mutex<HashMap<String, usize>>,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The device has its share.
    Device,
    /// The process has no more.
    Process,
}

/// The place of one stream, free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Arc<Streams>,
    device: String,
    _room: OwnedSemaphorePermit,
}

impl Streams {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(room)),
            of_device: Mutex::default(),
        }
    }

    /// A place for one more stream of a device.
    pub(crate) fn take(self: &Arc<Self>, device: &str) -> Result<Place, Full> {
        let mut of_device = self.of_device();
        let taken = of_device.get(device).copied().unwrap_or_default();
        if taken >= MAX_OF_DEVICE {
            return Err(Full::Device);
        }
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| Full::Process)?;
        of_device.insert(device.to_owned(), taken.saturating_add(1));
        Ok(Place {
            streams: Arc::clone(self),
            device: device.to_owned(),
            _room: room,
        })
    }

    /// A panic elsewhere leaves counts that are right: each change of them is one step.
    fn of_device(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.of_device
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of_device = self.streams.of_device();
        if let Some(taken) = of_device.get_mut(&self.device) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                of_device.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_its_share_and_no_more() {
        let streams = Arc::new(Streams::new(2 * MAX_OF_DEVICE - 1));
        let mut own: Vec<_> = (0..MAX_OF_DEVICE)
            .map(|_| streams.take("one").unwrap())
            .collect();
        assert_eq!(streams.take("one").unwrap_err(), Full::Device);
        let others: Vec<_> = (1..MAX_OF_DEVICE)
            .map(|_| streams.take("other").unwrap())
            .collect();
        assert_eq!(streams.take("other").unwrap_err(), Full::Process);
        own.pop();
        own.push(streams.take("one").unwrap());
        assert_eq!(streams.take("one").unwrap_err(), Full::Device);
        drop((own, others));
        // Nothing is kept of who left.
        assert!(streams.of_device().is_empty());
        assert!(streams.take("one").is_ok());
    }
}
