//! Names: the bank's own strings for devices, users and those who act.

use core::fmt;

use txotp_core::TextProfile;

use crate::limits::MAX_NAME_LEN;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a name of 1 to 128 bytes of UTF-8, without hidden and control characters. It is taken as
            /// it is: nothing is trimmed or folded, so `Alice` and `alice` are two.
            ///
            /// # Errors
            /// [`NameError`].
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl core::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }
    )*};
}

names! {
    /// Names a device, in the whole store.
    ///
    /// ```
    /// use txotp_store::{DeviceId, NameError};
    ///
    /// assert_eq!(DeviceId::new("token 4711")?.as_str(), "token 4711");
    /// assert_eq!(DeviceId::new(""), Err(NameError::Empty));
    /// # Ok::<(), NameError>(())
    /// ```
    DeviceId;
    /// Names who owns devices.
    UserId;
    /// Names who acts, for the evidence: an employee, an application, a machine.
    Actor;
}

fn check(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        Err(NameError::Empty)
    } else if text.len() > MAX_NAME_LEN {
        Err(NameError::TooLong)
    } else if TextProfile::Standard.first_forbidden(text).is_some() {
        Err(NameError::Forbidden)
    } else {
        Ok(())
    }
}

/// Why a text is no name. The caller's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty.
    Empty,
    /// It has more than 128 bytes.
    TooLong,
    /// It holds a control character or another that a person cannot see.
    Forbidden,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a name is empty",
            Self::TooLong => "a name is longer than 128 bytes",
            Self::Forbidden => "a name holds a character that cannot be seen",
        })
    }
}

impl core::error::Error for NameError {}
