//! A model of the vault, and interruptions at every step of its storage: whatever happens, the store is what the model
//! was before an operation, or after it.
//!
//! After the way of OpenSK's `persistent_store`: a model that is obvious, a driver that runs both, and a connection that
//! fails at a chosen call.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::sync::LazyLock;

use proptest::prelude::*;
use txotp_core::UnixTime;

use self::driver::{Driver, Template};
use self::expected::{DEVICES, Dated, Operation, Outcome, Typed};
use self::records::{Action, List, RECORDS};
use crate::StoreError;
use crate::engine::faulty::{Interruption, Plan, TOLD};

mod driver;
mod expected;
mod records;

/// Runs operations with an interruption, and gives whether it came to it.
fn check(
    operations: &[Dated],
    most: usize,
    calls_before: usize,
    interruption: Interruption,
) -> bool {
    static TEMPLATE: LazyLock<Template> = LazyLock::new(Template::new);
    let driver = Driver::new(&TEMPLATE);
    let plan = Plan::after(calls_before, interruption);
    let outcomes = driver.run(operations, most, plan.clone());
    let held = driver.dump();
    let is_unknown = |outcome: &Outcome| matches!(outcome, Err(TOLD | StoreError::Unreachable));

    // Every model that the answers allow: of what was told as an error, it took place or it did not.
    let mut models = vec![TEMPLATE.model.clone()];
    for (operation, outcome) in operations.iter().zip(&outcomes) {
        let mut next = Vec::new();
        for before in models {
            let mut after = before.clone();
            let expected = after.apply(operation);
            if is_unknown(outcome) {
                next.push(before);
                next.extend(expected.is_ok().then_some(after));
            } else if expected == *outcome {
                next.push(after);
            }
        }
        models = next;
        assert!(
            !models.is_empty(),
            "{operation:?} was answered by {outcome:?}"
        );
    }
    assert!(
        models.contains(&held),
        "neither before nor after: {held:?}\n{models:?}"
    );

    let failed: Vec<_> = operations
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| is_unknown(outcome))
        .collect();
    if interruption.can_be_repeated() && !plan.is_at_commit() {
        assert!(
            failed.is_empty(),
            "a caller was told of what could be repeated: {failed:?}"
        );
    }
    if failed.is_empty() {
        return plan.is_over();
    }
    // Where it was not known whether an operation took place, it is asked for again.
    let again: Vec<_> = failed
        .into_iter()
        .map(|(operation, _)| operation.clone())
        .collect();
    let mut model = held;
    let expected: Vec<_> = again
        .iter()
        .map(|operation| model.apply(operation))
        .collect();
    let never = Plan::after(usize::MAX, interruption);
    assert_eq!(driver.run(&again, most, never), expected);
    assert_eq!(driver.dump(), model);
    plan.is_over()
}

/// Gives each operation its time, a second after the one before: so it can be repeated when all are over, and no clock
/// went back.
fn dated(operations: Vec<Operation>) -> Vec<Dated> {
    let times = (0..).map(|place| UnixTime::from_seconds(1_700_000_010 + place));
    times.zip(operations).collect()
}

fn right(of: usize, transaction: u8) -> Typed {
    Typed {
        of,
        transaction,
        is_late: false,
        is_right: true,
    }
}

fn wrong(of: usize) -> Typed {
    Typed {
        is_right: false,
        ..right(of, 99)
    }
}

#[test]
fn an_interruption_at_every_step_leaves_the_store_before_or_after() {
    interrupt_each_step(vec![
        Operation::Enrol(1),
        Operation::Verify(0, right(0, 1)),
        Operation::VerifyUser(0, wrong(1)),
        Operation::VerifyUser(1, right(1, 2)),
        Operation::RotateRoot,
        Operation::RotatePage,
        Operation::Suspend(1),
        Operation::Restored,
        Operation::Resume(0),
        Operation::Revoke(1),
    ]);
}

#[test]
fn an_interruption_at_every_step_of_records_leaves_all_or_nothing() {
    interrupt_each_step(vec![
        Operation::Records(vec![(0, Action::Insert), (1, Action::Insert)]),
        Operation::Verify(0, right(0, 1)),
        Operation::Records(vec![
            (1, Action::Remove(1)),
            (0, Action::Replace(1)),
            (2, Action::Insert),
        ]),
        Operation::Records(vec![(2, Action::Replace(1)), (1, Action::Remove(1))]),
        Operation::Records(vec![(2, Action::Remove(1))]),
    ]);
}

/// A commit that fails fails for all whose work it held.
#[test]
fn a_verdict_and_a_record_share_a_commit() {
    let operations = dated(vec![
        Operation::Verify(0, right(0, 1)),
        Operation::Records(vec![(0, Action::Insert)]),
    ]);
    for calls_before in 0.. {
        let driver = Driver::new(&Template::new());
        let plan = Plan::after(calls_before, Interruption::Refused);
        let outcomes = driver.run(&operations, 2, plan.clone());
        if plan.is_at_commit() {
            assert_eq!(outcomes, [Err(TOLD), Err(TOLD)]);
            return;
        }
        assert!(plan.is_over(), "there was no commit");
    }
}

#[test]
fn an_interruption_at_every_step_of_a_verdict_leaves_it_with_its_records_or_neither() {
    interrupt_each_step(vec![
        Operation::Enrol(1),
        Operation::VerifyAndWrite(0, right(0, 1), vec![(0, Action::Insert)]),
        Operation::VerifyAndWrite(0, right(0, 2), vec![(0, Action::Insert)]),
        Operation::VerifyAndWrite(0, wrong(0), vec![(0, Action::Replace(1))]),
        Operation::VerifyUserAndWrite(
            0,
            right(1, 2),
            vec![(1, Action::Insert), (0, Action::Replace(1))],
        ),
        Operation::VerifyUserAndWrite(0, right(0, 3), vec![(1, Action::Replace(2))]),
    ]);
}

fn interrupt_each_step(operations: Vec<Operation>) {
    let operations = dated(operations);
    for (most, interruption) in [1, 4]
        .into_iter()
        .flat_map(|most| Interruption::ALL.map(|one| (most, one)))
    {
        let mut calls_before = 0;
        while check(&operations, most, calls_before, interruption) {
            calls_before += 1;
        }
        assert!(
            calls_before > 20,
            "the interruptions did not come to the operations"
        );
    }
}

fn typed() -> impl Strategy<Value = Typed> {
    let fields = (
        0..DEVICES.len(),
        0..3_u8,
        any::<bool>(),
        prop::bool::weighted(0.6),
    );
    fields.prop_map(|(of, transaction, is_late, is_right)| Typed {
        of,
        transaction,
        is_late,
        is_right,
    })
}

fn list() -> impl Strategy<Value = List> {
    let action = prop_oneof![
        Just(Action::Insert),
        (1..=3_u64).prop_map(Action::Replace),
        (1..=3_u64).prop_map(Action::Remove),
    ];
    prop::collection::vec((0..RECORDS.len(), action), 0..=3)
}

fn operation() -> impl Strategy<Value = Operation> {
    let device = 0..DEVICES.len();
    prop_oneof![
        3 => device.clone().prop_map(Operation::Enrol),
        6 => (device.clone(), typed()).prop_map(|(device, typed)| Operation::Verify(device, typed)),
        6 => (device.clone(), typed()).prop_map(|(device, typed)| Operation::VerifyUser(device, typed)),
        3 => (device.clone(), typed(), list())
            .prop_map(|(device, typed, list)| Operation::VerifyAndWrite(device, typed, list)),
        3 => (device.clone(), typed(), list())
            .prop_map(|(device, typed, list)| Operation::VerifyUserAndWrite(device, typed, list)),
        1 => device.clone().prop_map(Operation::Suspend),
        1 => device.clone().prop_map(Operation::Resume),
        1 => device.clone().prop_map(Operation::Revoke),
        1 => device.clone().prop_map(Operation::Unlock),
        1 => device.clone().prop_map(Operation::ForgiveClock),
        1 => (device, 1..=5_u8).prop_map(|(device, failures)| Operation::SetPolicy(device, failures)),
        1 => Just(Operation::Restored),
        1 => Just(Operation::RotateRoot),
        1 => Just(Operation::RotatePage),
        6 => list().prop_map(Operation::Records),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_operations_with_an_interruption_leave_the_store_before_or_after(
        operations in prop::collection::vec(operation(), 1..24),
        most in 1..6_usize,
        calls_before in 0..120_usize,
        interruption in prop::sample::select(Interruption::ALL.to_vec()),
    ) {
        check(&dated(operations), most, calls_before, interruption);
    }
}
