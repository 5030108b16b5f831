//! What is served for people: the document, the same as a page, and a page for each problem. No scripts, and nothing from
//! elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::html::{Html, escape};
use crate::App;
use crate::http::{Path, Problem, kinds};

mod html;
mod render;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}\
    code{font:14px ui-monospace,monospace}h2{margin-top:3rem}section{border-top:1px solid #ccc;margin-top:2rem}\
    table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #eee}\
    .method{display:inline-block;min-width:4rem;text-transform:uppercase;font-weight:600}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#8ab4f8}td,th{border-color:#333}section{border-color:#444}}";

/// Its routes. They need no key: they say nothing but what the program says of itself.
pub(super) fn router(document: &Value) -> Router<Arc<App>> {
    let json: Arc<str> = document.to_string().into();
    let page: Arc<str> = page(render::title(document), &render::body(document)).into();
    Router::new()
        .route(
            "/v1/openapi.json",
            get(move || async move { serve("application/json", &json) }),
        )
        .route("/v1/docs", get(move || async move { serve(HTML, &page) }))
        .route("/problems/{name}", get(problem))
}

const HTML: &str = "text/html; charset=utf-8";

fn serve(kind: &'static str, text: &str) -> Response {
    let style = Base64::encode_string(&Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CACHE_CONTROL, "no-cache".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (
            HeaderName::from_static("x-content-type-options"),
            "nosniff".to_owned(),
        ),
    ];
    (headers, text.to_owned()).into_response()
}

fn page(title: &str, body: &Html) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>{}</body></html>",
        escape(title),
        body.as_str(),
    )
}

/// `GET /problems/{name}`: explains a problem.
async fn problem(Path(name): Path<String>) -> Result<Response, Problem> {
    let kind = kinds::ALL.iter().find(|kind| kind.name == name);
    let kind = kind.ok_or(Problem::of(&kinds::NO_SUCH_ROUTE))?;
    let mut body = Html::default();
    body.element("h1", kind.title);
    body.element("p", &format!("{} · HTTP {}", kind.name, kind.status));
    body.element("p", kind.explanation);
    Ok(serve(HTML, &page(kind.title, &body)))
}
