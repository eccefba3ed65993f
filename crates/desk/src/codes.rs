//! The QR codes of an invoice as files.

use std::path::{Path, PathBuf};

use ksef_offline_core::code::Caption;
use ksef_offline_core::code::image::{Options, render_png, render_svg};
use ksef_offline_queue::{Entry, EntryId};
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::home::{absolute, create_folder, write_whole};

/// The kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// Pixels, one bit each.
    Png,
    /// Shapes, sharp at every size.
    Svg,
}

impl PictureFormat {
    fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

/// A code: its link and the caption beneath it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The text of the symbol.
    pub url: String,
    /// What stands beneath.
    pub caption: Caption,
}

impl Code {
    /// The picture.
    ///
    /// # Errors
    /// Those of the drawing: a scale out of range.
    pub fn picture(&self, format: PictureFormat, options: &Options) -> Result<Vec<u8>, DeskError> {
        Ok(match format {
            PictureFormat::Png => render_png(&self.url, &self.caption, options)?,
            PictureFormat::Svg => render_svg(&self.url, &self.caption, options)?.into_bytes(),
        })
    }
}

/// The codes that belong on an invoice now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceCodes {
    /// CODE I: `OFFLINE` until the KSeF number is known, then that number.
    pub one: Code,
    /// CODE II, on offline invoices that KSeF has not numbered yet.
    pub two: Option<Code>,
}

/// The files that were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeFiles {
    /// Paths, CODE I first.
    pub files: Vec<PathBuf>,
    /// The link of CODE I.
    pub code_one: String,
    /// The link of CODE II, if there is a picture of it.
    pub code_two: Option<String>,
}

/// The codes of an entry. `original` gives them as they were handed to the buyer, also after acceptance.
pub(crate) fn codes_of(entry: &Entry, original: bool) -> Result<InvoiceCodes, DeskError> {
    let url = entry.code_one.clone().ok_or(DeskError::NoCodes)?;
    let number = entry.ksef_number.clone().filter(|_| !original);
    let two = entry.code_two.clone().filter(|_| number.is_none());
    Ok(InvoiceCodes {
        one: Code {
            url,
            caption: number.map_or(Caption::Offline, Caption::KsefNumber),
        },
        two: two.map(|url| Code {
            url,
            caption: Caption::Certificate,
        }),
    })
}

impl Desk {
    /// The codes of an invoice.
    ///
    /// # Errors
    /// [`DeskError::NoCodes`] when it is not signed yet or was issued during a total failure; `not-found`.
    pub fn codes(&self, id: &str, original: bool) -> Result<InvoiceCodes, DeskError> {
        codes_of(&self.queue().entry(&EntryId::parse(id)?)?, original)
    }

    /// Writes `ID-code-1.*` and, where there is one, `ID-code-2.*` into `folder`.
    ///
    /// # Errors
    /// As [`Self::codes`]; [`DeskError::File`].
    pub fn write_codes(
        &self,
        id: &str,
        folder: &Path,
        format: PictureFormat,
        options: &Options,
        original: bool,
    ) -> Result<CodeFiles, DeskError> {
        let codes = self.codes(id, original)?;
        let folder = absolute(folder)?;
        let pictures = std::iter::once(&codes.one)
            .chain(&codes.two)
            .zip(1..)
            .map(|(code, number)| {
                let name = format!("{id}-code-{number}.{}", format.extension());
                Ok((folder.join(name), code.picture(format, options)?))
            })
            .collect::<Result<Vec<_>, DeskError>>()?;
        create_folder(&folder)?;
        for (path, bytes) in &pictures {
            write_whole(path, bytes)?;
        }
        Ok(CodeFiles {
            files: pictures.into_iter().map(|(path, _)| path).collect(),
            code_one: codes.one.url,
            code_two: codes.two.map(|code| code.url),
        })
    }
}
