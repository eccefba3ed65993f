//! Who gets in: every request passes here before anything else sees it.
//!
//! The page is for the person who has its address, and other pages in the same browser, or other programs' pages on this
//! machine, may do nothing with it. So, in this order:
//!
//! 1. The `Host` is ours. A name that was made to point at this machine (DNS rebinding) is not.
//! 2. What the browser says of where a request comes from (`Sec-Fetch-Site`, `Origin`) is this page, or the person; another
//!    page may at most lead to an address. Pages on other ports of this machine count as others: cookies and `SameSite`
//!    do not tell ports apart.
//! 3. The cookie, or the token in the address, which is then exchanged for it and leaves the address.
//! 4. A change also carries the token of our own forms; `input.rs` looks at it, and handlers get no input but through it.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, LOCATION, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::app::{App, Shared};
use crate::fault;
use crate::layout;
use crate::visitor::Visitor;
use crate::words::Words;

/// The policy of every page of ours. Nothing inline, nothing foreign, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let words = Words(crate::language::of(&app, request.headers()));
    let mut response = match admit(&app, &request) {
        Admitted::In => {
            let visitor = Visitor::of(&app, words, request.uri());
            let response = next.run(request).await;
            fault::explained(&visitor, response)
        }
        Admitted::Exchange { to, quietly } => exchange(&app, words, &to, quietly),
        Admitted::Not(status) => refusal(words, status),
    };
    harden(response.headers_mut());
    response
}

enum Admitted {
    In,
    /// The token was right: give the cookie and lead to the address without it. `quietly` when another page led here: a
    /// redirect would count as that page's, and the strict cookie would not be sent.
    Exchange {
        to: String,
        quietly: bool,
    },
    Not(StatusCode),
}

fn admit(app: &Shared, request: &Request) -> Admitted {
    let headers = request.headers();
    if !is_our_host(app, headers, request.uri()) {
        return Admitted::Not(StatusCode::FORBIDDEN);
    }
    let site = text(headers, &SITE);
    if !may_come(app, request.method(), headers, site) {
        return Admitted::Not(StatusCode::FORBIDDEN);
    }
    let cookie = cookie_name(app);
    if cookies(headers).any(|(name, value)| name == cookie && app.is_session(value)) {
        // An address with the token may be opened again; it does not stay.
        return match without_token(request.uri()) {
            Some((_, to)) if is_reading(request.method()) => {
                Admitted::Exchange { to, quietly: false }
            }
            _ => Admitted::In,
        };
    }
    match without_token(request.uri()) {
        Some((token, to)) if is_reading(request.method()) && app.is_token(&token) => {
            Admitted::Exchange {
                to,
                quietly: matches!(site, Some("cross-site" | "same-site")),
            }
        }
        _ => Admitted::Not(StatusCode::UNAUTHORIZED),
    }
}

fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn is_our_host(app: &Shared, headers: &HeaderMap, uri: &Uri) -> bool {
    let ours = |host: &str| {
        ["127.0.0.1", "localhost"]
            .iter()
            .any(|name| host.eq_ignore_ascii_case(&format!("{name}:{}", app.port())))
    };
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    host.is_some_and(ours)
        && hosts.next().is_none()
        && uri
            .authority()
            .is_none_or(|authority| ours(authority.as_str()))
}

/// Whether a request may come from where it says it comes. Programs say nothing and have no cookies of others.
fn may_come(app: &Shared, method: &Method, headers: &HeaderMap, site: Option<&str>) -> bool {
    let ours = matches!(site, Some("same-origin"));
    if is_reading(method) {
        let led_here = text(headers, &MODE) == Some("navigate")
            && text(headers, &DESTINATION) == Some("document");
        return matches!(site, None | Some("same-origin" | "none")) || led_here;
    }
    let origin = match text(headers, &ORIGIN) {
        None => !headers.contains_key(ORIGIN),
        // Under our referrer policy a browser sends no more with our own forms; the other header then has to speak.
        Some("null") => ours,
        Some(origin) => ["127.0.0.1", "localhost"]
            .iter()
            .any(|name| origin == format!("http://{name}:{}", app.port())),
    };
    origin && (site.is_none() || ours)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The cookies of a request.
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// Cookies know no ports: two pages on one machine need two names.
fn cookie_name(app: &Shared) -> String {
    format!("ksef_offline_{}", app.port())
}

/// The token of an address, and the address without it.
fn without_token(uri: &Uri) -> Option<(String, String)> {
    let (mut token, mut rest) = (None, Vec::new());
    for pair in uri.query()?.split('&') {
        match pair.split_once('=') {
            Some(("token", value)) => token = Some(value.to_owned()),
            _ => rest.push(pair),
        }
    }
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    let to = if rest.is_empty() {
        path
    } else {
        format!("{path}?{}", rest.join("&"))
    };
    Some((token?, to))
}

fn exchange(app: &Shared, words: Words, to: &str, quietly: bool) -> Response {
    // EXPOSE: the cookie goes to the one who had the token.
    let cookie = format!(
        "{}={}; HttpOnly; SameSite=Strict; Path=/",
        cookie_name(app),
        app.session()
    );
    let mut response = if quietly {
        let page = layout::bare(
            words,
            Some(to),
            &html! { p { a href=(to) { (words.say("Dalej", "Continue")) } } },
        );
        page.into_response()
    } else {
        let mut redirect = StatusCode::SEE_OTHER.into_response();
        if let Ok(to) = HeaderValue::from_str(to) {
            redirect.headers_mut().insert(LOCATION, to);
        }
        redirect
    };
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn refusal(words: Words, status: StatusCode) -> Response {
    let body = if status == StatusCode::UNAUTHORIZED {
        html! {
            h1 { (words.say("Brak dostępu", "No access")) }
            p { (words.say(
                "Ta strona otwiera się adresem, który wypisał program `ksef-offline serve`, razem z kluczem `token`. Po \
                 ponownym uruchomieniu programu adres jest nowy.",
                "This page opens by the address that the program `ksef-offline serve` printed, with its `token`. When the \
                 program is started again, the address is a new one.",
            )) }
        }
    } else {
        html! {
            h1 { (words.say("Odmowa", "Refused")) }
            p { (words.say(
                "To żądanie nie pochodzi z tej strony.",
                "This request does not come from this page.",
            )) }
        }
    };
    (status, layout::bare(words, None, &body)).into_response()
}

fn harden(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(X_FRAME_OPTIONS, "DENY");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "no-referrer");
    set(CACHE_CONTROL, "no-store");
    set(RESOURCE_POLICY, "same-origin");
    set(OPENER_POLICY, "same-origin");
}

/// Lets our own pages show this response in a frame, and gives the response itself no rights at all.
pub(crate) fn framed(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; \
             form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox",
        ),
    );
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
}

/// Led to another page of ours after a change.
pub(crate) fn see(to: &str) -> Response {
    axum::response::Redirect::to(to).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_leaves_the_address_and_nothing_else_does() {
        let split = |uri: &str| without_token(&uri.parse().unwrap());
        assert_eq!(split("/?token=a"), Some(("a".into(), "/".into())));
        assert_eq!(
            split("/archive?number=1&token=a&buyer=b"),
            Some(("a".into(), "/archive?number=1&buyer=b".into()))
        );
        assert_eq!(split("/?tokens=a"), None);
        assert_eq!(split("/"), None);
    }

    #[test]
    fn the_token_never_leads_to_another_host() {
        let (_, to) = without_token(&"//evil.example/?token=a".parse().unwrap()).unwrap();
        assert!(!to.starts_with("//"), "{to}");
    }
}
