//! Strings as QR symbols: for terminal, file and page.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use txotp_qr::{EncodeError, Level, Options, Scale, Symbol, Theme};
use txotp_uri::Limit;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::files::{Destination, OutputArgs};
use crate::output::Output;

#[derive(Args)]
pub(crate) struct DrawArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// How much of the symbol may be unreadable: 7, 15, 25 or 30 %
    #[arg(long, value_name = "LEVEL", default_value = "M", ignore_case = true)]
    level: LevelName,

    /// Pixels for a module, 1 to 32, in svg, png and data-uri
    #[arg(long, value_name = "N", default_value_t = Scale::default().pixels(), value_parser = clap::value_parser!(u8).range(1..=32))]
    scale: u8,

    /// Ground of the terminal; `auto` brings its own black on white where there are colours
    #[arg(long, value_name = "THEME", default_value = "auto")]
    theme: ThemeName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Half blocks
    Terminal,
    /// Scalable Vector Graphics
    Svg,
    /// Portable Network Graphics, one bit for a pixel
    Png,
    /// The PNG as data:image/png;base64,… for HTML
    DataUri,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelName {
    #[value(name = "L")]
    L,
    #[value(name = "M")]
    M,
    #[value(name = "Q")]
    Q,
    #[value(name = "H")]
    H,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ThemeName {
    Auto,
    Dark,
    Light,
}

/// A drawn symbol.
pub(crate) struct Picture {
    symbol: Symbol,
    format: Format,
    bytes: Zeroizing<Vec<u8>>,
}

impl Picture {
    /// As it goes to a file.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Format {
    fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }
}

impl DrawArgs {
    /// The format that the file's name ends in; none for standard output.
    pub(crate) fn format_of_file(&self) -> Result<Option<Format>, Error> {
        let Some(file) = self.output.file() else {
            return Ok(None);
        };
        let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("svg") => Ok(Some(Format::Svg)),
            Some("png") => Ok(Some(Format::Png)),
            _ => Err(Error::new(
                "the output file's ending names no picture format",
                "end it in .svg or .png, or say how to write it with --format",
            )),
        }
    }

    /// Draws a string, and tells what came of it.
    pub(crate) fn draw(
        &self,
        string: &str,
        format: Format,
        limit: Limit,
        output: Output,
    ) -> Result<(), Error> {
        let picture = self.picture(string, format, limit, output)?;
        let to = self.output.open()?;
        if output.json() {
            to.write(picture.bytes())?;
            return output.value(&self.json(&picture));
        }
        self.give(&picture, &to, output)
    }

    /// Draws a string.
    pub(crate) fn picture(
        &self,
        string: &str,
        format: Format,
        limit: Limit,
        output: Output,
    ) -> Result<Picture, Error> {
        let for_terminal = self.output.file().is_none() && output.terminal() && !output.json();
        if for_terminal && format == Format::Png {
            return Err(Error::new(
                "a PNG is no text for a terminal",
                "name a file with -o FILE, or draw with --format terminal",
            ));
        }
        let symbol = symbol(string, self.level.into(), limit)?;
        if let Some(advice) = symbol.advice() {
            output.warn(advice);
        }
        Ok(Picture {
            bytes: self.bytes(&symbol, format, output),
            symbol,
            format,
        })
    }

    /// Writes a picture where it was asked for, and tells of it.
    pub(crate) fn give(
        &self,
        picture: &Picture,
        to: &Destination,
        output: Output,
    ) -> Result<(), Error> {
        to.write(&picture.bytes)?;
        if self.output.file().is_none() {
            output.raw(&picture.bytes)?;
        }
        let symbol = &picture.symbol;
        output.note(format_args!(
            "QR version {}, level {:?}, {} modules wide, {} bytes",
            symbol.version(),
            symbol.level(),
            symbol.width(),
            symbol.len()
        ));
        Ok(())
    }

    /// What there is to say of a picture, and the picture itself unless it went to a file.
    pub(crate) fn json(&self, picture: &Picture) -> Value {
        let Picture {
            symbol,
            format,
            bytes,
        } = picture;
        let file = self.output.file();
        json!({
            "format": format.name(),
            "version": symbol.version(),
            "width": symbol.width(),
            "level": format!("{:?}", symbol.level()),
            "length": symbol.len(),
            "output": file,
            // Bytes of a PNG are no text, so the data URI stands for them.
            "content": match (file, format) {
                (Some(_), _) => None,
                (None, Format::Png) => Some(symbol.to_png_data_uri(self.scale())),
                (None, _) => Some(String::from_utf8_lossy(bytes).into_owned()),
            },
        })
    }

    fn bytes(&self, symbol: &Symbol, format: Format, output: Output) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match format {
            Format::Terminal => symbol.to_terminal(self.theme(output)).into_bytes(),
            Format::Svg => symbol.to_svg(self.scale()).into_bytes(),
            Format::Png => symbol.to_png(self.scale()),
            Format::DataUri => {
                let mut uri = symbol.to_png_data_uri(self.scale());
                uri.push('\n');
                uri.into_bytes()
            }
        })
    }

    fn scale(&self) -> Scale {
        Scale::new(self.scale).unwrap_or_default()
    }

    fn theme(&self, output: Output) -> Theme {
        match self.theme {
            // A file and a JSON text hold no colours.
            ThemeName::Auto if self.output.file().is_some() || output.json() => Theme::Dark,
            ThemeName::Auto => theme(output),
            ThemeName::Dark => Theme::Dark,
            ThemeName::Light => Theme::Light,
        }
    }
}

/// The theme that is right on this standard output, as far as can be known.
pub(crate) fn theme(output: Output) -> Theme {
    if output.coloured() {
        Theme::Ansi
    } else {
        Theme::Dark
    }
}

/// The symbol of a string.
pub(crate) fn symbol(string: &str, level: Level, limit: Limit) -> Result<Symbol, Error> {
    Symbol::with_options(string, Options::new(level).limit(limit)).map_err(|error| {
        let advice = match error {
            EncodeError::DoesNotFit { .. } => "shorten it, or take a lower --level",
            _ => "shorten it, or raise the limit with --max-len, up to 2953",
        };
        Error::new(format!("no symbol can be drawn: {error}"), advice)
    })
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::L => Self::L,
            LevelName::M => Self::M,
            LevelName::Q => Self::Q,
            LevelName::H => Self::H,
        }
    }
}
