//! The report as JSON, in the form of the plain page: `{"error": {"status": 500, ...}}`.

use serde_json::{Map, Value, json};

use super::facts::Report;
use super::frames::{Frame, Spot};

pub(super) fn page(report: &Report) -> String {
    let template = report.template.as_ref().map(|template| {
        json!({
            "name": template.name,
            "line": template.line,
            "column": template.column,
            "source": lines(&template.lines),
            "included_by": template.included_by,
            "hint": template.hint,
        })
    });
    let rules = report.why.rules.as_ref().map(|rules| {
        let tried: Vec<Value> = rules
            .tried
            .iter()
            .map(|(rule, reason)| json!({ "rule": rule.trim_start_matches(['+', '-', ' ']), "reason": reason }))
            .collect();
        json!({ "verdict": rules.verdict, "tried": tried, "others": rules.others })
    });
    let tables: Map<String, Value> = report
        .tables
        .iter()
        .map(|(title, rows)| (title.to_lowercase().replace(' ', "_"), json!(rows)))
        .collect();
    let mut error = json!({
        "status": report.status,
        "title": report.name,
        "description": report.message,
        "id": report.id,
        "type": report.kind,
        "causes": report.causes,
        "field": report.field,
        "why": report.why.words,
        "rules": rules,
        "place": report.place.as_ref().map(spot),
        "frames": frames(report),
        "template": template,
        "method": report.method,
        "url": report.url,
        "handler": report.handler.as_ref().map(|handler| json!({"name": handler.name, "place": handler.place})),
        "request": tables,
        "ran": report.spans.iter().map(|span| span.json()).collect::<Vec<_>>(),
        "debug": report.debug,
    });
    if let Some(error) = error.as_object_mut() {
        error.retain(|_, value| {
            !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty())
        });
    }
    format!("{:#}\n", json!({ "error": error }))
}

fn frames(report: &Report) -> Vec<Value> {
    let frame = |frame: &Frame| match frame {
        Frame::Own(own) => {
            let mut value = spot(&own.spot);
            value["function"] = json!(own.name);
            value
        }
        Frame::Others(all) => json!({ "others": all }),
        Frame::Called(all) => json!({ "called": all }),
    };
    report.frames.iter().map(frame).collect()
}

fn spot(spot: &Spot) -> Value {
    json!({
        "file": spot.shown,
        "line": spot.line,
        "column": spot.column,
        "source": lines(&spot.source),
        "editor": spot.link(),
    })
}

fn lines(lines: &[(u32, String)]) -> Value {
    lines.iter().map(|(number, text)| json!([number, text])).collect()
}
