//! Requests that the service makes: callbacks to applications, texts to a gateway.
