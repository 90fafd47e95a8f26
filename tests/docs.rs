//! The documentation: what it tells people to type works. Blocks that begin with ```` ```sh run ````
//! are run, those of a page one after the other, in a folder where a server has been before.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anonchat::{config::Config, domain::MessageBody};

/// The blocks of a page that are to be run.
fn blocks(page: &str) -> Vec<String> {
    let parts = page.split("\n```sh run\n").skip(1);
    parts.map(|part| part.split("\n```").next().unwrap().to_owned()).collect()
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|it| it == "md"));
    pages.chain([root.join("README.md")]).collect()
}

/// Runs a block as somebody with a shell would, with the program in their path.
fn run(folder: &Path, script: &str) -> Result<(), String> {
    let programs = Path::new(env!("CARGO_BIN_EXE_anonchat")).parent().unwrap();
    let output = Command::new("/bin/sh")
        .args(["-eu", "-c", script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:{}", programs.display(), env::var("PATH").unwrap_or_default()))
        .env("PASSWORD", "correct horse battery staple")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let text = format!("{script}\n{}{}", said(&output.stdout), said(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(text) }
}

#[test]
fn what_the_documentation_has_people_type_works() {
    let (mut wrong, mut ran) = (Vec::new(), 0);
    for page in pages() {
        let folder = tempfile::tempdir().unwrap();
        let begin = "printf %s \"$PASSWORD\" | anonchat admin create keeper --password-stdin";
        for block in blocks(&fs::read_to_string(&page).unwrap()) {
            if !folder.path().join("anonchat-data").exists() {
                run(folder.path(), begin).unwrap();
            }
            ran += 1;
            wrong.extend(
                run(folder.path(), &block).err().map(|it| format!("{}: {it}", page.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran >= 7, "only {ran} blocks are marked to be run");
}

#[test]
fn a_block_that_does_not_work_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let page = "text\n\n```sh run\nanonchat version\nanonchat frobnicate\necho done\n```\n\n```sh\nrm x\n```\n";
    let [block] = &blocks(page)[..] else { panic!("one block is to be run") };
    let said = run(folder.path(), block).unwrap_err();
    assert!(said.contains("frobnicate") && !said.contains("\ndone"), "{said}");
}

#[test]
fn the_most_that_a_room_can_take_is_the_figure_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let most = u64::from(Config::default().rooms.max_events.get());
    let of_each = MessageBody::MAX_BYTES as u64;
    let tenths = (most * of_each * 10 + (1 << 29)) >> 30;
    let gib = format!("{}.{} GiB", tenths / 10, tenths % 10);
    let mib = format!("10,000 are\n  {} MiB", (10_000 * of_each) >> 20);
    let page = |name| fs::read_to_string(root.join("docs").join(name)).unwrap();
    for needed in [&gib, &mib, &format!("more than {} KiB of text", of_each >> 10)] {
        assert!(page("OPERATIONS.md").contains(needed), "{needed}");
    }
    assert!(page("SECURITY-CHECKLIST.md").contains(&gib), "{gib}");
}
