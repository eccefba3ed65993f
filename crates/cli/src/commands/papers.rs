//! Commands that give out codes, receipts, containers and archives.

use ksef_offline::core::code::image::{ErrorCorrection, Options};
use ksef_offline::core::identifier::{InvoiceHash, KsefNumber};
use ksef_offline::{ArchiveQuery, Desk, DeskError, PictureFormat};
use serde_json::json;

use super::{Ended, absolute};
use crate::args::{
    ArchiveExportArgs, BackupArgs, Correction, OutArgs, Picture, QrArgs, SearchArgs,
};
use crate::failure::{FAILED, Failure};
use crate::output::Output;
use crate::table;

/// `qr`
pub fn qr(output: &Output, desk: &Desk, args: &QrArgs) -> Ended {
    let format = match args.format {
        Picture::Png => PictureFormat::Png,
        Picture::Svg => PictureFormat::Svg,
    };
    let options = Options {
        scale: args.scale,
        correction: match args.correction {
            Correction::L => ErrorCorrection::L,
            Correction::M => ErrorCorrection::M,
            Correction::Q => ErrorCorrection::Q,
            Correction::H => ErrorCorrection::H,
        },
    };
    let written = desk.write_codes(&args.id, &args.out, format, &options, args.original)?;
    output.print(&written, || {
        let paths: Vec<String> = written
            .files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        paths.join("\n")
    });
    Ok(0)
}

/// `receipt`
pub fn receipt(output: &Output, desk: &Desk, args: &OutArgs) -> Ended {
    let written = desk.write_receipt(&args.id, &args.out)?;
    output.print(&written, || {
        let word = if written.verified {
            output.say(
                "podpis, skrót i numer się zgadzają",
                "signature, hash and number hold",
            )
        } else {
            output.say(
                "NIE ZGADZA SIĘ podpis, skrót lub numer",
                "signature, hash or number DO NOT HOLD",
            )
        };
        format!("{}: {word}", written.file.display())
    });
    Ok(if written.verified { 0 } else { FAILED })
}

/// `export`
pub fn export(output: &Output, desk: &Desk, args: &OutArgs) -> Ended {
    let file = desk.export(&args.id, &args.out)?;
    output.print(&json!({ "file": file }), || file.display().to_string());
    Ok(0)
}

/// `archive search`
pub fn search(output: &Output, desk: &Desk, args: &SearchArgs) -> Ended {
    let page = desk.search(&query(args)?)?;
    output.print(&page, || {
        let more = page
            .next
            .as_ref()
            .map_or(String::new(), |cursor| format!("\n--after {cursor}"));
        table::invoices(output, &page.invoices) + &more
    });
    Ok(0)
}

/// `archive export`
pub fn export_archive(output: &Output, desk: &Desk, args: &ArchiveExportArgs) -> Ended {
    let exported = desk.export_archive(&query(&args.search)?, &args.out)?;
    output.print(&exported, || {
        format!("{}: {}", exported.out.display(), exported.invoices.len())
    });
    Ok(0)
}

fn query(args: &SearchArgs) -> Result<ArchiveQuery, Failure> {
    let after = args
        .after
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(DeskError::from)?;
    let ksef_number = args
        .ksef_number
        .as_deref()
        .map(KsefNumber::parse)
        .transpose()
        .map_err(DeskError::from)?;
    let hash = args
        .hash
        .as_deref()
        .map(InvoiceHash::from_base64)
        .transpose()
        .map_err(DeskError::from)?;
    Ok(ArchiveQuery {
        number: args.number.clone(),
        buyer: args.buyer.clone(),
        from: args.from,
        to: args.to,
        ksef_number,
        hash,
        limit: args.limit as usize,
        after,
        ..ArchiveQuery::default()
    })
}

/// `backup`
pub fn backup(output: &Output, desk: &Desk, args: &BackupArgs) -> Ended {
    desk.backup(&args.out)?;
    let file = absolute(&args.out);
    output.print(&json!({ "file": file }), || file.display().to_string());
    Ok(0)
}
