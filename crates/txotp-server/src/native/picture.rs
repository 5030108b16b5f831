//! A string as a QR symbol.

use base64ct::{Base64, Encoding as _};
use serde::Serialize;
use txotp_qr::{Level, Scale, Symbol};
use utoipa::ToSchema;

use super::secret::HandedOut;
use crate::http::Problem;

/// A QR symbol (ISO/IEC 18004), level M, in three forms.
#[derive(Serialize, ToSchema)]
pub(super) struct Picture {
    /// Scalable Vector Graphics.
    #[schema(value_type = String)]
    svg: HandedOut,
    /// Portable Network Graphics, in Base64 (RFC 4648 section 4).
    #[schema(value_type = String)]
    png: HandedOut,
    /// That PNG as `data:image/png;base64,…`, for HTML.
    #[schema(value_type = String)]
    data_uri: HandedOut,
}

impl Picture {
    /// Draws a string of at most 600 bytes.
    pub(super) fn draw(string: &str) -> Result<Self, Problem> {
        let scale = Scale::default();
        let symbol = Symbol::encode(string, Level::M).map_err(|_| Problem::internal())?;
        Ok(Self {
            svg: symbol.to_svg(scale).into(),
            png: Base64::encode_string(&zeroize::Zeroizing::new(symbol.to_png(scale))).into(),
            data_uri: symbol.to_png_data_uri(scale).into(),
        })
    }
}
