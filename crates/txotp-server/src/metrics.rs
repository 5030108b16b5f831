//! What is counted, as Prometheus reads it.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::http::{Auditor, Problem, Shared};

/// The media type of the answer: `prometheus-client` writes OpenMetrics 1.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: what a durable verdict takes, and what nobody waits for.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

/// Everything that is counted. Labels are of closed sets: routes, statuses, names of reasons.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    verdicts: Family<VerdictLabels, Counter>,
    callbacks: Family<CallbackLabels, Counter>,
    texts: Family<TextLabels, Counter>,
    set_aside: Family<KindLabels, Counter>,
    left_out: Family<KindLabels, Counter>,
    pub(crate) connections: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct VerdictLabels {
    verdict: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CallbackLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TextLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("txotp");
        let requests = Family::default();
        registry.register("requests", "Requests that were answered", requests.clone());
        let seconds: Family<RouteLabels, Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register(
            "request_seconds",
            "Time to the answer's head",
            seconds.clone(),
        );
        let verdicts = Family::default();
        registry.register(
            "verdicts",
            "Codes that were judged, by what came of them",
            verdicts.clone(),
        );
        let callbacks = Family::default();
        registry.register(
            "callbacks",
            "Callbacks that were tried, by what came of them",
            callbacks.clone(),
        );
        let texts = Family::default();
        registry.register(
            "texts",
            "Texts that were given to the gateway, by what came of them",
            texts.clone(),
        );
        let set_aside = Family::default();
        registry.register(
            "records_set_aside",
            "Times that a record was due and nothing could be done with it, by its kind",
            set_aside.clone(),
        );
        let left_out = Family::default();
        registry.register(
            "records_left_out",
            "Times that a list left out a record that is not understood, by its kind",
            left_out.clone(),
        );
        let connections = Gauge::default();
        registry.register(
            "connections",
            "Connections that are open",
            connections.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            verdicts,
            callbacks,
            texts,
            set_aside,
            left_out,
            connections,
        }
    }
}

impl Metrics {
    /// Counts an answer. The route is the template, never what a caller wrote.
    pub(crate) fn answered(&self, route: &str, status: u16, took: Duration) {
        let labels = RequestLabels {
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels {
            route: route.to_owned(),
        };
        self.seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// Counts an attempt to deliver a callback: `delivered`, `failed`, or `dead` for the last that failed.
    pub(crate) fn called_back(&self, outcome: &'static str) {
        self.callbacks
            .get_or_create(&CallbackLabels { outcome })
            .inc();
    }

    /// Counts a verdict: `accepted`, or the stable name of a reason.
    pub(crate) fn judged(&self, verdict: &'static str) {
        self.verdicts
            .get_or_create(&VerdictLabels { verdict })
            .inc();
    }

    /// Counts a record that something was due with, and that nothing could be done with.
    pub(crate) fn set_aside(&self, kind: &'static str) {
        self.set_aside.get_or_create(&KindLabels { kind }).inc();
    }

    /// Counts a record that is not understood, and that a list left out.
    pub(crate) fn left_out(&self, kind: &'static str) {
        self.left_out.get_or_create(&KindLabels { kind }).inc();
    }

    /// Counts a text: `taken`, or the stable name of why not.
    pub(crate) fn texted(&self, outcome: &'static str) {
        self.texts.get_or_create(&TextLabels { outcome }).inc();
    }
}

/// `GET /metrics`, for a key that may read the evidence.
pub(crate) async fn get(State(app): Shared, _: Auditor) -> Result<Response, Problem> {
    let mut text = String::new();
    encode(&mut text, &app.metrics.registry).map_err(|_| Problem::internal())?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
