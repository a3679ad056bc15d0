//! Components as the inputs of a link in this process.

use anyhow::Result;
use wcompose::{Input, Inputs, InstanceName};

use crate::Made;

/// The components as inputs, in their order.
pub fn inputs(made: &[Made]) -> Result<Inputs<'_>> {
    let inputs = made.iter().map(|Made { name, bytes }| {
        Ok(Input { name: InstanceName::new(name.as_str())?, file: format!("{name}.wasm"), bytes })
    });
    Ok(Inputs::new(inputs.collect::<Result<_>>()?)?)
}

/// Fixtures, each as an instance of its name. Fails if one is not built.
pub fn read(fixtures: &[&str]) -> Result<Vec<Made>> {
    let read = |name: &&str| {
        let bytes = std::fs::read(wcompose_fixtures::fixture(name)?)?;
        Ok(Made { name: (*name).to_owned(), bytes })
    };
    fixtures.iter().map(read).collect()
}
