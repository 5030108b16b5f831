//! Data URIs (RFC 2397), for pages that must not fetch the symbol from anywhere.

use base64ct::{Base64, Encoding};

use crate::{Scale, Symbol};

impl Symbol {
    /// [`to_png`](Self::to_png) as `data:image/png;base64,…`, for the `src` of an `<img>`.
    ///
    /// ```
    /// use txotp_qr::{Level, Scale, Symbol};
    ///
    /// let symbol = Symbol::encode("txotp://totp?message=Hello", Level::M)?;
    /// let image = format!("<img alt=\"QR code\" src=\"{}\">", symbol.to_png_data_uri(Scale::default()));
    /// assert!(image.contains("data:image/png;base64,iVBORw0KGgo"));
    /// # Ok::<(), txotp_qr::EncodeError>(())
    /// ```
    #[must_use]
    pub fn to_png_data_uri(&self, scale: Scale) -> String {
        data_uri("image/png", &self.to_png(scale))
    }

    /// [`to_svg`](Self::to_svg) as `data:image/svg+xml;base64,…`, for the `src` of an `<img>`.
    #[must_use]
    pub fn to_svg_data_uri(&self, scale: Scale) -> String {
        data_uri("image/svg+xml", self.to_svg(scale).as_bytes())
    }
}

fn data_uri(media_type: &str, content: &[u8]) -> String {
    format!(
        "data:{media_type};base64,{}",
        Base64::encode_string(content)
    )
}
