//! Replays the inputs in `fuzz/corpus`, whole, cut short and changed by a bit, against the same
//! properties that the fuzz targets hold (`fuzz/fuzz_targets`, CONTRIBUTING.md).

#[path = "../fuzz/properties.rs"]
mod properties;

use std::{fs, path::Path, thread};

use properties::{PROPERTIES, Property};

/// What the main thread of a program has, where the configuration is read; a test has a quarter.
const STACK_BYTES: usize = 8 << 20;
/// Cuts and changes tried on each input, at most.
const VARIANTS: usize = 64;

#[test]
fn what_fuzzing_found_stays_mended() {
    let replaying = thread::Builder::new().stack_size(STACK_BYTES).spawn(replay_all).unwrap();
    assert!(replaying.join().is_ok());
}

fn replay_all() {
    for (name, property) in PROPERTIES {
        let inputs = inputs(name);
        assert!(inputs.len() >= 5, "{name} has only {} inputs", inputs.len());
        for input in inputs {
            replay((name, property), &input);
        }
    }
}

#[test]
fn every_property_has_a_target_and_no_folder_is_left_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let names: Vec<_> = PROPERTIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    for name in &names {
        let target = root.join("fuzz_targets").join(format!("{name}.rs"));
        let text = fs::read_to_string(&target).unwrap();
        assert!(text.contains(&format!("properties::{name}")), "{} tests it", target.display());
    }
    for entry in fs::read_dir(root.join("corpus")).unwrap() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&folder), "fuzz/corpus/{folder} belongs to nothing");
    }
}

fn inputs(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} is there", folder.display()));
    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

fn replay((_, property): Property, input: &[u8]) {
    property(input);
    let step = input.len().div_ceil(VARIANTS).max(1);
    for at in (0..input.len()).step_by(step) {
        property(&input[..at]);
        let mut changed = input.to_vec();
        changed[at] ^= 1 << (at % 8);
        property(&changed);
    }
}
