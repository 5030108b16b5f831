//! Scalable Vector Graphics.

use crate::{Scale, Symbol};

impl Symbol {
    /// The symbol and its quiet zone as an SVG document, black on white, `scale` pixels for a module where the page
    /// gives it no other size.
    ///
    /// One path holds all dark runs of all rows, in modules. The title, read out by screen readers, is always
    /// "QR code", so that nothing of the text is in the document but the modules.
    ///
    /// ```
    /// use txotp_qr::{Level, Scale, Symbol};
    ///
    /// let symbol = Symbol::encode("txotp://totp?message=Hello", Level::M)?;
    /// assert!(symbol.to_svg(Scale::default()).contains(r#"viewBox="0 0 33 33" width="264""#));
    /// # Ok::<(), txotp_qr::EncodeError>(())
    /// ```
    #[must_use]
    pub fn to_svg(&self, scale: Scale) -> String {
        let width = self.framed_width();
        let pixels = scale.pixels_of(width);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" \
             width=\"{pixels}\" height=\"{pixels}\" role=\"img\" shape-rendering=\"crispEdges\">\
             <title>QR code</title><path fill=\"#fff\" d=\"M0 0h{width}v{width}H0z\"/><path d=\""
        );
        for (y, row) in (0..).zip(self.framed_rows()) {
            for (first, last) in row.dark_runs() {
                let length = last.abs_diff(first).saturating_add(1);
                push(&mut svg, "M", first);
                push(&mut svg, " ", y);
                push(&mut svg, "h", length);
                push(&mut svg, "v1h-", length);
                svg.push('z');
            }
        }
        svg.push_str("\"/></svg>\n");
        svg
    }
}

/// Writes `command` and `number`. `write!` takes five times as long, and a symbol has thousands of numbers.
fn push(svg: &mut String, command: &str, number: u32) {
    svg.push_str(command);
    let digits = [number / 100 % 10, number / 10 % 10, number % 10];
    let leading_zeros = if number >= 100 {
        0
    } else if number >= 10 {
        1
    } else {
        2
    };
    svg.extend(
        digits
            .into_iter()
            .skip(leading_zeros)
            .filter_map(|digit| char::from_digit(digit, 10)),
    );
}
