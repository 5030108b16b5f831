//! `verifier.json`, `policy.json` and `payments.json`: every scenario, event by event.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs
)]

mod common;

use common::{cases, hex, settings};
use serde_json::{Map, Value, json};
use txotp_core::{
    Code, CodeLength, Counter, DeviceKey, Digest, PinHash, Purpose, Seed, Transaction,
    TransactionSuite, UnixTime,
};
use txotp_verifier::payment::{Kind, PaymentPolicy};
use txotp_verifier::{
    Attempt, Decision, Lock, Policy, State, Undecided, Verdict, decide, resynchronise,
};

#[test]
fn every_scenario_gives_the_expected_verdicts() {
    let mut events = 0;
    for case in cases("verifier.json") {
        let name = case["name"].as_str().unwrap();
        let suite = TransactionSuite::parse(case["suite"].as_str().unwrap()).unwrap();
        let seed = Seed::from_bytes(&hex(&case["key_hex"])).unwrap();
        let pin = case["pin"].as_str().map(|pin| {
            PinHash::of(
                suite.ocra().pin().expect("only suites with a PIN have one"),
                pin,
            )
            .unwrap()
        });
        let key = DeviceKey::new(suite, &seed, pin.as_ref()).unwrap();
        let policy = Policy::new(&suite, settings(&case["policy"]).unwrap()).unwrap();
        let mut state = State::with_counter(Counter::new(case["counter"].as_u64().unwrap_or(0)));
        for (place, event) in case["events"].as_array().unwrap().iter().enumerate() {
            // What a store keeps between two events is the encoded state.
            state = State::from_bytes(&state.to_bytes()).unwrap();
            let before = state.clone();
            if event["op"] == "unlock" {
                state = state.unlocked();
                continue;
            }
            let outcome = perform(&policy, &key, &state, event);
            let found = describe(&outcome);
            let expected = event["expect"].as_object().unwrap();
            for (field, value) in expected {
                assert_eq!(
                    found.get(field),
                    Some(value),
                    "{name}, event {place}, {field}"
                );
            }
            events += 1;
            if let Ok(decision) = outcome {
                state = decision.next;
            }
            let changed = state != before;
            assert_eq!(
                changed,
                state.revision() != before.revision(),
                "{name}, event {place}"
            );
        }
    }
    assert!(events > 500, "{events} events");
}

fn purpose(event: &Value) -> Purpose {
    if event["op"] == "login" {
        return Purpose::Login;
    }
    if let Some(transaction) = event.get("transaction") {
        return Purpose::Transaction(build(transaction).digest());
    }
    match event.get("digest_hex") {
        Some(digest) => Purpose::Transaction(Digest::from_bytes(hex(digest).try_into().unwrap())),
        None => Purpose::Login,
    }
}

fn build(value: &Value) -> Transaction<'_> {
    let mut builder = Transaction::builder();
    builder.message(value["message"].as_str().unwrap()).unwrap();
    for pair in value["details"].as_array().unwrap() {
        builder
            .detail(pair[0].as_str().unwrap(), pair[1].as_str().unwrap())
            .unwrap();
    }
    for pair in value["hidden_details"].as_array().unwrap() {
        builder
            .hidden_detail(pair[0].as_str().unwrap(), pair[1].as_str().unwrap())
            .unwrap();
    }
    builder.build().unwrap()
}

/// A code of any length that exists; the verifier judges whether it is the suite's.
fn code(value: &Value) -> Result<Code, Undecided> {
    let text = value.as_str().unwrap();
    let length = CodeLength::new(u8::try_from(text.len()).unwrap());
    Ok(Code::parse(text, length.ok_or(Undecided::WrongDigits)?).unwrap())
}

fn perform(
    policy: &Policy,
    key: &DeviceKey,
    state: &State,
    event: &Value,
) -> Result<Decision, Undecided> {
    let now = UnixTime::from_seconds(event["at"].as_u64().unwrap());
    let purpose = purpose(event);
    if event["op"] == "resync" {
        let codes = [code(&event["codes"][0])?, code(&event["codes"][1])?];
        return resynchronise(policy, key, state, purpose, [&codes[0], &codes[1]], now);
    }
    decide(
        policy,
        key,
        state,
        &Attempt {
            purpose,
            code: code(&event["code"])?,
        },
        now,
    )
}

/// An outcome in the words of the vectors.
fn describe(outcome: &Result<Decision, Undecided>) -> Map<String, Value> {
    let mut found = match outcome {
        Err(why) => json!({"verdict": "error", "reason": why.name()}),
        Ok(Decision {
            verdict: Verdict::Accepted(accepted),
            ..
        }) => json!({
            "verdict": "accepted",
            "step": accepted.factor.get_step().map(txotp_core::Step::get),
            "counter": accepted.factor.get_counter().map(Counter::get),
            "drift": accepted.drift,
        }),
        Ok(Decision {
            verdict: Verdict::Refused(refusal),
            ..
        }) => json!({
            "verdict": "refused",
            "reason": refusal.reason.name(),
            "attempts_left": refusal.attempts_left,
            "next_lock": refusal.next_lock.name(),
            "locked_until": match refusal.lock {
                Lock::None => Value::Null,
                Lock::Until(end) => json!(end.seconds()),
                Lock::Permanent => json!("permanent"),
            },
        }),
    };
    found.as_object_mut().unwrap().clone()
}

#[test]
fn every_policy_states_its_bound_and_is_refused_above_the_limit() {
    for case in cases("policy.json") {
        let name = case["name"].as_str().unwrap();
        let suite = TransactionSuite::parse(case["suite"].as_str().unwrap()).unwrap();
        let policy = settings(&case["policy"]).ok().and_then(|mut settings| {
            let allowed = Policy::new(&suite, settings).is_ok();
            assert_eq!(allowed, case["allowed"].as_bool().unwrap(), "{name}");
            settings.guessing_limit = txotp_verifier::GuessingBound::CERTAINTY;
            Policy::new(&suite, settings).ok()
        });
        match policy {
            Some(policy) => {
                assert_eq!(json!(policy.candidates()), case["candidates"], "{name}");
                let bound = policy.guessing_bound().numerator();
                assert_eq!(json!(bound), case["bound_numerator"], "{name}");
            }
            None => assert_eq!(case["allowed"], false, "{name}"),
        }
    }
}

#[test]
fn every_payment_is_judged_by_the_first_reason_that_holds() {
    for case in cases("payments.json") {
        let kind = match case["kind"].as_str().unwrap() {
            "single" => Kind::Single,
            "batch" => Kind::Batch,
            other => panic!("kind {other}"),
        };
        let transaction = build(&case["transaction"]);
        let reason = PaymentPolicy::default()
            .check(&transaction, kind)
            .err()
            .map(|e| e.name());
        assert_eq!(reason, case["reason"].as_str(), "{}", case["name"]);
        assert_eq!(
            reason.is_none(),
            case["ok"].as_bool().unwrap(),
            "{}",
            case["name"]
        );
    }
}
