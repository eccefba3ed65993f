//! The language somebody chose, kept in a cookie.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use ksef_offline::core::Language;

use crate::app::Shared;
use crate::fault::Fault;
use crate::guard::{cookies, see};
use crate::input::Order;

const COOKIE: &str = "ksef_offline_language";
const A_YEAR: u32 = 31_536_000;

/// The chosen language, else the page's own.
pub(crate) fn of(app: &Shared, headers: &HeaderMap) -> Language {
    let chosen = cookies(headers).find(|(name, _)| *name == COOKIE);
    chosen
        .and_then(|(_, code)| from_code(code))
        .unwrap_or(app.language)
}

fn from_code(code: &str) -> Option<Language> {
    match code {
        "pl" => Some(Language::Pl),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// `POST /language`
pub(crate) async fn choose(order: Order) -> Result<Response, Fault> {
    let code = order.text("language");
    from_code(code).ok_or(Fault::MALFORMED)?;
    let back = order.text("back");
    // An address of this page and of no other host.
    let is_ours =
        back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    let mut response = see(if is_ours { back } else { "/" });
    let cookie = format!("{COOKIE}={code}; HttpOnly; SameSite=Strict; Path=/; Max-Age={A_YEAR}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
