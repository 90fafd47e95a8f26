//! Keeps `docs/SECURITY-CHECKLIST.md` true: every rule stands in it once, and every test that it
//! names exists.

use crate::source::read;

const CHECKLIST: &str = "docs/SECURITY-CHECKLIST.md";

/// The rules, by area: `AUTH-01` to the last one.
const RULES: &[(&str, usize)] = &[
    ("AUTH", 13),
    ("TOK", 17),
    ("WS", 21),
    ("HTTP", 16),
    ("IN", 8),
    ("AZ", 3),
    ("ANON", 11),
    ("DATA", 5),
    ("LOG", 7),
    ("SUP", 5),
];

/// The tests that a line names: what stands in backticks with `::` between file and test.
fn named(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::"))
}

fn exists(file: &str, test: &str) -> bool {
    let text = read(file);
    match file.rsplit_once('.') {
        Some((_, "rs")) => {
            let name = format!("fn {test}(");
            let mut before = text.split(&name).collect::<Vec<_>>();
            before.pop();
            before.iter().any(|text| {
                let above = text.rsplit("\n\n").next().unwrap_or_default();
                above.contains("#[test]") || above.contains("#[tokio::test")
            })
        }
        _ => text.contains(&format!("test(\"{test}\"")),
    }
}

#[test]
fn every_test_that_the_security_checklist_names_exists() {
    let checklist = read(CHECKLIST);
    let missing: Vec<_> =
        checklist.lines().flat_map(named).filter(|(file, test)| !exists(file, test)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(!exists("tests/architecture/checklist.rs", "a_test_that_is_not_there"));
    assert!(!exists("tests/architecture/checklist.rs", "exists"), "a function is no test");
}

#[test]
fn every_rule_stands_in_the_security_checklist_once_and_is_proved_or_owned_up_to() {
    let checklist = read(CHECKLIST);
    let lines: Vec<_> = checklist.lines().filter(|line| line.starts_with("- **")).collect();
    let found: Vec<_> =
        lines.iter().map(|line| line.split("**").nth(1).unwrap().to_owned()).collect();
    let rules = RULES
        .iter()
        .flat_map(|(area, count)| (1..=*count).map(move |number| format!("{area}-{number:02}")));
    assert_eq!(found, rules.collect::<Vec<_>>());
    for line in lines {
        let owns_up = ["Not met", "Not tested", "By hand", "by hand"];
        let proved =
            named(line).next().is_some() || owns_up.iter().any(|words| line.contains(words));
        assert!(proved, "{line}");
    }
}
