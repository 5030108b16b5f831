//! The interface for Authy's clients: what they send, and what each of them takes for an answer. `docs/authy.md` says what is
//! the same as at Authy, and what is not.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::Response;

use crate::App;
use crate::keys::Role::{Administer, Verify};

mod answer;
mod application;
mod call;
mod onetouch;
pub(crate) mod params;
mod phones;
mod secret;
mod texts;
mod users;
mod verify;
mod xml;

use answer::{Format, Refusal};
use application::{
    no_email, no_export, no_phone_info, no_registrations, no_stats, no_update,
    no_verification_status, register_activity,
};
use call::{get, post};
pub(crate) use users::AuthyId;

/// Its routes, each with the role that a key must have.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .merge(users_router())
        .merge(codes_router())
        .merge(application_router())
        .merge(onetouch::router())
}

fn users_router() -> Router<Arc<App>> {
    let user = |call| under(&format!("users/{{authy_id}}/{call}"));
    Router::new()
        .route(&under("users/new"), post(Administer, users::new))
        .route(&user("status"), get(Verify, users::status))
        .route(&user("delete"), post(Administer, users::delete))
        .route(&user("remove"), post(Administer, users::delete))
        .route(
            &under("users/delete/{authy_id}"),
            post(Administer, users::delete),
        )
        .route(&user("secret"), post(Administer, secret::create))
        .route(&user("secret/export"), get(Administer, no_export))
        .route(&user("update"), post(Administer, no_update))
        .route(&user("register_activity"), post(Verify, register_activity))
}

fn codes_router() -> Router<Arc<App>> {
    let phones = |call| under(&format!("phones/{call}"));
    Router::new()
        .route(
            &under("verify/{token}/{authy_id}"),
            get(Verify, verify::verify),
        )
        .route(&under("sms/{authy_id}"), get(Verify, texts::sms))
        .route(&under("call/{authy_id}"), get(Verify, texts::phone_call))
        .route(&under("email/{authy_id}"), post(Verify, no_email))
        .route(&phones("verification/start"), post(Verify, phones::start))
        .route(&phones("verification/check"), get(Verify, phones::check))
        .route(
            &phones("verification/status"),
            get(Verify, no_verification_status),
        )
        .route(&phones("info"), get(Verify, no_phone_info))
}

fn application_router() -> Router<Arc<App>> {
    Router::new()
        .route(&under("app/details"), get(Verify, application::details))
        .route(&under("app/stats"), get(Verify, no_stats))
        .route(
            &under("registrations/status"),
            get(Verify, no_registrations),
        )
}

/// The path of a call, in either format.
fn under(call: &str) -> String {
    format!("/protected/{{format}}/{call}")
}

/// Says in the words of Authy's clients what the service says of itself: that there is no such path, or no time.
pub(crate) async fn in_its_words(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_ours = path.starts_with("/protected/") || path.starts_with("/onetouch/");
    let format = Format::of(path).unwrap_or_default();
    let response = next.run(request).await;
    let media = response.headers().get(CONTENT_TYPE);
    let is_problem = media.is_some_and(|media| media == "application/problem+json");
    if !(is_ours && is_problem) {
        return response;
    }
    let mut ours = format.write(Err(Refusal::of_status(response.status())));
    if let Some(methods) = response.headers().get(ALLOW) {
        ours.headers_mut().insert(ALLOW, methods.clone());
    }
    ours
}
