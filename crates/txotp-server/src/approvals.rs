//! Approval requests: asked for by an application, answered by a device with a code over the request and the answer.
