#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
use std::sync::Arc;
use std::time::Instant;
use txotp_core::*;
use txotp_store::*;
use txotp_verifier::Settings;
fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let threads: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let each: usize = std::env::args().nth(3).unwrap().parse().unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let keys: Arc<dyn KeyService> =
        Arc::new(Keyring::parse(&format!("a {}", "11".repeat(32))).unwrap());
    let place: Location = format!("{folder}/s.db").parse().unwrap();
    Vault::create(
        &place,
        &keys,
        Options::default(),
        &Act {
            actor: Actor::new("load").unwrap(),
            now: UnixTime::from_seconds(1_700_000_000),
        },
    )
    .unwrap();
    let vault = Vault::open(&place, keys, Options::default()).unwrap();
    let act = || Act {
        actor: Actor::new("load").unwrap(),
        now: UnixTime::from_seconds(1_700_000_000),
    };
    let suite = TransactionSuite::default();
    let tickets: Vec<_> = (0..threads * each)
        .map(|n| {
            vault
                .enrol(
                    Enrolment {
                        device: DeviceId::new(format!("d{n}")).unwrap(),
                        user: UserId::new(format!("u{n}")).unwrap(),
                        suite,
                        settings: Settings::default(),
                        seed: Seed::from_bytes(&[7; 32]).unwrap(),
                        pin: None,
                        counter: None,
                    },
                    act(),
                )
                .wait()
        })
        .collect();
    for t in tickets {
        t.unwrap();
    }
    let key = DeviceKey::new(suite, &Seed::from_bytes(&[7; 32]).unwrap(), None).unwrap();
    let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
    let code = key
        .code(
            purpose,
            MovingFactor::step(act().now.step(suite.period().unwrap())),
        )
        .unwrap();
    let start = Instant::now();
    std::thread::scope(|s| {
        for t in 0..threads {
            let vault = &vault;
            let code = &code;
            s.spawn(move || {
                for n in 0..each {
                    let a = vault
                        .verify(
                            DeviceId::new(format!("d{}", t * each + n)).unwrap(),
                            purpose,
                            code.reveal(),
                            act(),
                        )
                        .wait()
                        .unwrap();
                    assert!(a.judgement.is_accepted());
                }
            });
        }
    });
    let took = start.elapsed();
    println!(
        "{} verdicts, {:.0}/s, {:.0} us per caller",
        threads * each,
        (threads * each) as f64 / took.as_secs_f64(),
        took.as_secs_f64() * 1e6 / each as f64
    );
}
