//! `--format sarif`: SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};

use crate::codes::CODES;
use crate::paint;
use crate::report::{Problem, Report};
use crate::versions;

pub(super) fn text(report: &Report) -> String {
    let rules = wcompose::CODES.iter().chain(CODES).map(|code| {
        let summary = code.text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        json!({
            "id": code.name,
            "shortDescription": { "text": summary },
            "fullDescription": { "text": code.text },
            "help": { "text": format!("wcompose explain {}", code.name) },
        })
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "wcompose",
                "semanticVersion": versions::WCOMPOSE,
                "rules": rules.collect::<Vec<_>>(),
            } },
            "properties": { "target": report.target, "bodies": report.bodies },
            "results": report.diagnostics.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    paint::json(&format!("{log:#}\n"))
}

fn result(problem: &Problem) -> Value {
    let mut message = vec![problem.message.clone()];
    message.extend(problem.details());
    let mut result = json!({
        "ruleId": problem.code,
        "level": if problem.severity == "warning" { "warning" } else { "error" },
        "message": { "text": message.join("\n") },
    });
    if !problem.calls.is_empty() {
        let calls = problem.calls.iter().map(|call| json!({ "location": { "message": { "text": call } } }));
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": calls.collect::<Vec<_>>() }] }]);
    }
    if let Some(file) = &problem.file {
        let mut location = json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file) } } });
        if let Some(name) = problem.item.as_ref().or(problem.instance.as_ref()) {
            location["logicalLocations"] = json!([{ "fullyQualifiedName": name }]);
        }
        result["locations"] = json!([location]);
    }
    result
}

/// A path as a relative reference: what a URI gives a meaning is escaped (RFC 3986, section 2).
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
