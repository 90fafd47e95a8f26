//! The OpenAPI document: true to the router, and to the copy that the UI's types are made from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use reqwest::Method;
use serde_json::Value;

use crate::{bad_input::routes_with_a_body, harness::Server};

const OPEN: [&str; 8] = [
    "GET /auth/policy",
    "GET /openapi.json",
    "GET /status",
    "POST /auth/login",
    "POST /auth/logout",
    "POST /auth/refresh",
    "POST /auth/register",
    "POST /auth/setup",
];

fn document() -> Value {
    serde_json::to_value(anonchat::api::document()).unwrap()
}

/// Every route by its method and its path below `/api/v1`, with what the document says of it.
pub fn operations() -> BTreeMap<String, Value> {
    let mut operations = BTreeMap::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").expect("one version");
        for (method, operation) in methods.as_object().unwrap() {
            operations.insert(format!("{} {path}", method.to_uppercase()), operation.clone());
        }
    }
    operations
}

#[test]
fn the_copy_that_the_ui_is_made_from_is_up_to_date() {
    let committed = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/web/openapi.json"));
    let current = anonchat::api::document().to_pretty_json().unwrap() + "\n";
    assert!(
        committed.unwrap() == current,
        "the API has changed: run `cargo run --example openapi > web/openapi.json`, then \
         `npm run api` in web/"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_shows_its_document_to_everybody() {
    let server = Server::start().await;
    let answer = server.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(answer.body, document());
}

/// Every `$ref` below `value`.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_is_whole() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').expect("a reference inside the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (route, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id), "{route}: its id is another's, too");
        assert!(operation["summary"].is_string(), "{route}");
        let in_path: BTreeSet<_> = route
            .split('{')
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap().to_owned())
            .collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let declared: BTreeSet<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .inspect(|parameter| assert_eq!(parameter["required"], true, "{route}"))
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(declared, in_path, "{route}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with(['1', '2'])), "{route}");
        for (status, response) in responses {
            assert!(response["description"].is_string(), "{route} {status}");
        }
    }
}

#[test]
fn only_open_routes_need_no_token() {
    let document = document();
    let scheme = document["security"][0].as_object().unwrap().keys().next().unwrap();
    assert_eq!(document["components"]["securitySchemes"][scheme]["scheme"], "bearer");
    let open: Vec<_> = operations()
        .into_iter()
        .filter(|(_, operation)| operation.get("security").is_some())
        .inspect(|(route, operation)| {
            assert_eq!(operation["security"], Value::Array(vec![]), "{route}");
        })
        .map(|(route, _)| route)
        .collect();
    assert_eq!(open, OPEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_document_opens_is_open_and_the_rest_is_not() {
    let server = Server::start().await;
    for route in operations().into_keys() {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace(['{', '}'], "");
        let answer = server.call(method.parse().unwrap(), &path, Some(serde_json::json!({}))).await;
        if OPEN.contains(&route.as_str()) {
            assert!(answer.code() != "unauthorized" && answer.status != 404, "{route}");
        } else {
            answer.refused(401, "unauthorized");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_takes_the_documented_methods_and_no_others() {
    let server = Server::start().await;
    let mut documented: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in operations().into_keys() {
        let (method, path) = route.split_once(' ').unwrap();
        documented.entry(path.to_owned()).or_default().insert(method.to_owned());
    }
    for (path, mut methods) in documented {
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        let concrete = path.replace(['{', '}'], "");
        let answer = server.call(Method::OPTIONS, &concrete, None).await;
        answer.refused(405, "method_not_allowed");
        let told = answer.headers["allow"].to_str().unwrap().split(',');
        assert_eq!(
            told.map(|method| method.trim().to_owned()).collect::<BTreeSet<_>>(),
            methods,
            "{path}"
        );
    }
}

/// What is not of the interface: answers to whatever else is below `/api`, and what programs ask
/// that look after the server.
const OUTSIDE: [&str; 6] = ["/api", "/api/", "/api/{*rest}", "/healthz", "/readyz", "/metrics"];

#[test]
fn no_route_goes_round_the_document() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    let mut described = 0;
    let mut folders = vec![source];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            described += text.matches("#[utoipa::path(").count();
            for bypass in text.split(".route(").skip(1) {
                let path_of_it = bypass.split('"').nth(1).unwrap_or_default();
                assert!(OUTSIDE.contains(&path_of_it), "{}: use routes!", path.display());
            }
            for bypass in [".nest_service(", ".route_service("] {
                assert!(!text.contains(bypass), "{}: {bypass}", path.display());
            }
        }
    }
    assert_eq!(described, operations().len(), "a handler that is described is in `routes!`");
}

#[test]
fn every_route_with_a_body_is_fed_bad_ones() {
    let documented: BTreeSet<_> = operations()
        .into_iter()
        .filter(|(_, operation)| operation.get("requestBody").is_some())
        .map(|(route, _)| route.replace("{room_id}", "{room}"))
        .collect();
    let fed: BTreeSet<_> =
        routes_with_a_body().iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(fed, documented);
}

#[test]
fn every_code_is_explained_in_the_protocol() {
    let protocol = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/PROTOCOL.md");
    let protocol = fs::read_to_string(protocol).unwrap();
    for code in document()["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap() {
        let code = format!("`{}`", code.as_str().unwrap());
        assert!(protocol.contains(&code), "{code}");
    }
}
