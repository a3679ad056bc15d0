//! Published schemas: made of the types that are read and written, so that they cannot say anything else.

/// Checks that `docs/NAME.schema.json` is the schema of `T`. `WCOMPOSE_BLESS=1` writes it.
pub(crate) fn published<T: schemars::JsonSchema>(name: &str) {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(T)).unwrap() + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/{name}.schema.json"));
    if std::env::var_os("WCOMPOSE_BLESS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(published, schema, "docs/{name}.schema.json is stale: run the tests with WCOMPOSE_BLESS=1");
}
