//! Every fault at every point, some cases at the same time, and the table of what came of them.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};

use crate::Case;
use crate::proxy::Fault;

/// Cases at the same time.
const AT_ONCE: usize = 8;

/// Runs `case` with each fault at each point of `whole`, which went through without one, and prints for each how many
/// runs and requests it took.
pub(crate) async fn filled<Run>(title: &str, whole: &Case, case: impl Fn((String, Fault)) -> Run)
where
    Run: Future<Output = Case>,
{
    let plans = whole
        .points
        .iter()
        .flat_map(|point| Fault::ALL.map(|fault| (point.clone(), fault)));
    let mut table: BTreeMap<(usize, usize), String> = BTreeMap::new();
    let mut cases = stream::iter(plans.map(|plan| {
        let ended = case(plan.clone());
        async move { (plan, ended.await) }
    }))
    .buffer_unordered(AT_ONCE);
    while let Some(((point, fault), ended)) = cases.next().await {
        assert!(ended.was_hit, "{point} {fault:?} was never reached");
        let row = whole.points.iter().position(|p| *p == point).unwrap();
        let column = Fault::ALL.iter().position(|f| *f == fault).unwrap();
        table.insert((row, column), format!("{}/{}", ended.runs, ended.requests));
    }
    let width = whole.points.iter().map(String::len).max().unwrap_or(0) + 2;
    let heads = Fault::ALL.map(|fault| format!("{:>15}", format!("{fault:?}")));
    println!("{title}:\n\n{:width$}{}", "", heads.concat());
    for (row, point) in whole.points.iter().enumerate() {
        let cells: Vec<String> = (0..Fault::ALL.len())
            .map(|column| format!("{:>15}", table[&(row, column)]))
            .collect();
        println!("{point:width$}{}", cells.concat());
    }
    println!(
        "\nwithout a fault: {} run, {} requests\n",
        whole.runs, whole.requests
    );
}
