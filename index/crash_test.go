package index

func addAsChild() {}
